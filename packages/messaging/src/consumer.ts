import { addAbortListener } from "node:events";
import { failpoint } from "@kontor/failpoint";
import { partitionDurable } from "@kontor/nats";
import type { Database } from "@kontor/postgres";
import type { Logger } from "@kontor/telemetry";
import { type ConsumerInfo, type ConsumerMessages, type JsMsg, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { ConsumerDefinition } from "./consumer-definition.ts";
import { count, type DeliveryContext, type Result, receive } from "./delivery.ts";
import { rewindConsumer } from "./durables.ts";
import type { Fence } from "./fence.ts";
import type { Received } from "./inbox.ts";
import { createKeyBatches, createSlots, type Slots } from "./key-batches.ts";
import { metrics } from "./metrics.ts";
import { type Partition, partitionOf } from "./partition.ts";
import { retryDeferred } from "./retry.ts";
import type { MessagingSettings } from "./settings.ts";
import { settle } from "./settlement.ts";
import type { ConsumerDeclaration, Stream } from "./topology.ts";
import { createWakeUpSignal } from "./wake-up-signal.ts";

const PENDING_MS = 5_000;

/** The dependencies and settings of one consumer. */
export interface ConsumerContext {
  readonly db: Database;
  readonly stream: Stream;
  readonly declaration: ConsumerDeclaration;
  readonly definition: ConsumerDefinition;
  readonly settings: MessagingSettings;
  readonly log: Logger;
  /** The partition of a divided consumer that this call consumes. Default: the whole consumer. */
  readonly part?: Part;
}

/** A partition that this replica owns. */
interface Part {
  readonly partition: Partition;
  /** Counts how often the consumer was divided. */
  readonly generation: number;
  readonly fence: Fence;
  /** Batches side by side, shared by the partitions of this replica. */
  readonly slots: Slots;
  /** Called when a message was deferred. Its retries are not made by this call. */
  readonly deferred: () => void;
}

/**
 * Consumes in order per key until `ended` aborts, the durable or its stream disappears, a delivery was lost, or a message could
 * not be settled; each time the next call rewinds the durable to its first unacknowledged message. In-flight messages are
 * finished first. Deferred messages are retried meanwhile.
 */
export async function consume(context: ConsumerContext, nc: NatsConnection, ended: AbortSignal): Promise<void> {
  const { settings, log, part } = context;
  const declaration = declarationOf(context);
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const options = { renamed: context.stream, fresh: part !== undefined, generation: part?.generation ?? 0 };
  const info = await rewindConsumer(jsm, declaration, settings, options);

  const source = jetstream(nc).consumers.getConsumerFromInfo(info);
  const messages = await source.consume({
    max_messages: settings.maxAckPending,
    expires: 30_000,
    idle_heartbeat: 3_000, // The consumer restarts after two missed ones: the leader of the durable is lost.
  });
  const end = new AbortController();
  using _ = addAbortListener(ended, () => end.abort());
  const over = end.signal;
  over.addEventListener("abort", () => messages.stop(), { once: true });
  void watch(messages, (reason) => {
    log.warn({ consumer: declaration.durable, reason }, "consumer restarted");
    end.abort();
  });

  const held = new Set<JsMsg>();
  const heartbeat = setInterval(() => {
    for (const message of held) message.working();
  }, settings.ackWaitMs / 3);
  const query = () => jsm.consumers.info(declaration.stream, declaration.durable);
  const shown = showPending(declaration, query, part?.partition.of);
  const retries = createWakeUpSignal();
  const retrying = part ? undefined : retryDeferred(context, retries, over);
  try {
    const deferred = part?.deferred ?? retries.send;
    await distribute({ ...context, fence: part?.fence }, messages, held, { over, end: () => end.abort(), deferred });
  } finally {
    end.abort();
    await retrying;
    clearInterval(heartbeat);
    shown.end();
    await nc.flush().catch(() => {}); // Fails when the connection is lost: the inbox then drops the redelivered messages.
  }
}

/** Returns the declaration of the durable that is consumed: that of the consumer, or of its partition. */
function declarationOf({ declaration, part }: ConsumerContext): ConsumerDeclaration {
  if (!part) return declaration;
  return { ...declaration, durable: partitionDurable(declaration.durable, part.partition.index) };
}

/** Queries the server, because a consumer that no longer receives messages has a backlog too. A standby reports none. */
function showPending({ durable: consumer }: ConsumerDeclaration, query: () => Promise<ConsumerInfo>, partitions = 1) {
  let over = false;
  const show = () =>
    query().then(
      // The durable of a partition receives the messages of all.
      ({ num_pending, num_ack_pending }) =>
        over || metrics.pending.set({ consumer }, Math.ceil((num_pending + num_ack_pending) / partitions)),
      () => {}, // Unreachable server or missing durable: the consumer's watch restarts it.
    );
  void show();
  const timer = setInterval(show, PENDING_MS);
  return {
    end() {
      over = true;
      clearInterval(timer);
      metrics.pending.remove({ consumer });
    },
  };
}

interface Held {
  readonly message: JsMsg;
  readonly received: Received;
}

async function distribute(
  context: ConsumerContext & { readonly fence: Fence | undefined },
  messages: ConsumerMessages,
  held: Set<JsMsg>,
  { over, end, deferred }: { readonly over: AbortSignal; readonly end: () => void; readonly deferred: () => void },
): Promise<void> {
  const { part } = context;
  const { concurrency, maxBatch } = context.settings;
  const batches = createKeyBatches<Held>({
    slots: part?.slots ?? createSlots(concurrency),
    maxBatch,
    run: async (items) => {
      const results = over.aborted ? [] : await deliver(context, items, over);
      if (results.includes("deferred")) deferred();
      if (results.includes("unsettled")) end();
      if (over.aborted) return [];
      for (const [place, { message }] of items.entries()) if (results[place] !== "left") held.delete(message);
      return items.filter((_, place) => results[place] === "left");
    },
  });
  let previous: number | undefined;
  for await (const message of messages) {
    if (over.aborted) break;
    const { deliverySequence } = message.info;
    if (previous !== undefined && deliverySequence !== previous + 1) {
      context.log.warn({ consumer: context.declaration.durable }, "delivery lost, consumer restarted");
      break;
    }
    previous = deliverySequence;
    const received = receive(context, message);
    if (part && partitionOf(received.key, part.partition.of) !== part.partition.index) {
      message.ack(); // It belongs to another partition, which receives it too.
      continue;
    }
    held.add(message);
    batches.add(received.key, { message, received });
  }
  messages.stop();
  await batches.idle();
}

/** Settles a batch, then acknowledges the settled messages, which are committed. Never rejects. */
async function deliver(context: DeliveryContext, items: readonly Held[], ended: AbortSignal): Promise<Result[]> {
  const startedAt = performance.now();
  const outcomes = await settle(
    context,
    items.map(({ received }) => received),
    ended,
  );
  const results = items.map(({ received }) => outcomes.get(received) ?? "left");
  if (results.includes("processed")) failpoint("consumer.after-commit", context.db.service);
  if (results.includes("deferred")) failpoint("consumer.after-defer", context.db.service);
  for (const [place, { message, received }] of items.entries()) {
    const result = results[place] ?? "left";
    if (result === "left") continue;
    count(received, result, startedAt);
    if (result === "unsettled") continue;
    if (result === "dead-lettered")
      message.term(); // Without the reason: it would appear in an advisory on the wire.
    else message.ack();
  }
  return results;
}

const FATAL = new Set([
  "consumer_deleted",
  "consumer_not_found",
  "stream_not_found",
  "heartbeats_missed",
  "no_responders",
]);

async function watch(messages: ConsumerMessages, restart: (reason: string) => void): Promise<void> {
  for await (const { type } of messages.status()) if (FATAL.has(type)) restart(type);
}
