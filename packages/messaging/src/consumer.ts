import { addAbortListener } from "node:events";
import type { Database } from "@kontor/postgres";
import type { Logger } from "@kontor/telemetry";
import { type ConsumerInfo, type ConsumerMessages, type JsMsg, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { createBell } from "./bell.ts";
import type { ConsumerDefinition } from "./consumer-definition.ts";
import { deliver, receive } from "./delivery.ts";
import { createLanes } from "./lanes.ts";
import { metrics } from "./metrics.ts";
import { retryDeferred } from "./retry.ts";
import type { MessagingSettings } from "./settings.ts";
import { rewindConsumer } from "./streams.ts";
import type { ConsumerDeclaration, StreamDeclaration } from "./topology.ts";

const PENDING_MS = 5_000;

/** What a consumer of a service needs. */
export interface ConsumerContext {
  readonly db: Database;
  readonly stream: StreamDeclaration;
  readonly declaration: ConsumerDeclaration;
  readonly definition: ConsumerDefinition;
  readonly settings: MessagingSettings;
  readonly log: Logger;
}

/**
 * Consumes in order per key until `off` aborts, the durable or its stream disappears, a delivery was lost, or a message could
 * not be settled; each time the next call rewinds the durable to its first unacknowledged message. In-flight messages are
 * finished first. Deferred messages are retried meanwhile.
 */
export async function consume(context: ConsumerContext, nc: NatsConnection, off: AbortSignal): Promise<void> {
  const { declaration, settings, log } = context;
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const info = await rewindConsumer(jsm, declaration, settings);

  const source = jetstream(nc).consumers.getConsumerFromInfo(info);
  const messages = await source.consume({
    max_messages: settings.maxAckPending,
    expires: 30_000,
    idle_heartbeat: 3_000, // After two without one it starts over: the leader of the durable is gone.
  });
  const end = new AbortController();
  using _ = addAbortListener(off, () => end.abort());
  const over = end.signal;
  over.addEventListener("abort", () => messages.stop(), { once: true });
  void watch(messages, (what) => {
    log.warn({ consumer: declaration.durable, what }, "consumer restarts");
    end.abort();
  });

  const held = new Set<JsMsg>();
  const heartbeat = setInterval(() => {
    for (const message of held) message.working();
  }, settings.ackWaitMs / 3);
  const shown = showPending(declaration, () => jsm.consumers.info(declaration.stream, declaration.durable));
  const retries = createBell();
  const retrying = retryDeferred(context, retries, over);
  try {
    await distribute(context, messages, held, { over, end: () => end.abort(), deferred: retries.ring });
  } finally {
    end.abort();
    await retrying;
    clearInterval(heartbeat);
    shown.end();
    await nc.flush().catch(() => {}); // Of no use when the connection is gone: then the next call meets the inbox.
  }
}

/** Queries the server, because a consumer that no longer receives messages has a backlog too. A standby reports none. */
function showPending({ durable: consumer }: ConsumerDeclaration, ask: () => Promise<ConsumerInfo>) {
  let over = false;
  const show = () =>
    ask().then(
      (info) => over || metrics.pending.set({ consumer }, info.num_pending + info.num_ack_pending),
      () => {}, // The server is away or the durable gone: who notices restarts the consumer.
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

async function distribute(
  context: ConsumerContext,
  messages: ConsumerMessages,
  held: Set<JsMsg>,
  { over, end, deferred }: { readonly over: AbortSignal; readonly end: () => void; readonly deferred: () => void },
): Promise<void> {
  const lanes = createLanes(context.settings.concurrency);
  let previous: number | undefined;
  for await (const message of messages) {
    if (over.aborted) break;
    const { deliverySequence } = message.info;
    if (previous !== undefined && deliverySequence !== previous + 1) {
      context.log.warn({ consumer: context.declaration.durable }, "delivery lost; consumer restarts");
      break;
    }
    previous = deliverySequence;
    held.add(message);
    const received = receive(context.declaration.durable, message);
    lanes.add(received.key, async () => {
      const result = over.aborted ? undefined : await deliver(context, message, received);
      if (result === "deferred") deferred();
      if (result === "unsettled") end();
      held.delete(message);
    });
  }
  messages.stop();
  await lanes.idle();
}

const FATAL = new Set([
  "consumer_deleted",
  "consumer_not_found",
  "stream_not_found",
  "heartbeats_missed",
  "no_responders",
]);

async function watch(messages: ConsumerMessages, startOver: (what: string) => void): Promise<void> {
  for await (const { type } of messages.status()) if (FATAL.has(type)) startOver(type);
}
