import { connectOptions, type Nats, type NatsConfig, openNats } from "@kontor/nats";
import type { Database } from "@kontor/postgres";
import type { Logger } from "@kontor/telemetry";
import type { ConsumerDefinition } from "./consumer-definition.ts";
import type { DeadLetters } from "./dead-letter.ts";
import { deadLetters } from "./dead-letters.ts";
import { type DeferredMessages, deferredMessages } from "./deferred-messages.ts";
import { type Leadership, lead } from "./leadership.ts";
import { exposeTables } from "./metrics.ts";
import { onAppended } from "./outbox.ts";
import { outboxPublished } from "./outbox-published.ts";
import { consumeAlone, consumePartitions } from "./partitions.ts";
import { relay } from "./relay.ts";
import { defaultSettings, type MessagingSettings } from "./settings.ts";
import { throttled } from "./throttled.ts";
import { ownStream, streamNamed, type Topology } from "./topology.ts";
import { createWake, type Wake } from "./wake-subject.ts";
import { createWakeUpSignal } from "./wake-up-signal.ts";

/** The time in which a stopping relay publishes the remaining events. */
const FLUSH_MS = 1_000;

/** The dependencies of messaging. */
export interface MessagingOptions {
  /** The database with the tables of messaging. */
  readonly db: Database;
  /** Name in the topology; also that of the connection. */
  readonly service: string;
  /** Servers, credentials and TLS. */
  readonly nats: NatsConfig;
  /** Which streams and durables exist. */
  readonly topology: Topology;
  /** Receives the log events of relay and consumers. */
  readonly log: Logger;
  /** Times and sizes that differ from {@link defaultSettings}. */
  readonly settings?: Partial<MessagingSettings>;
}

/** The relay and the consumers of one process. */
export interface Messaging {
  /** Adds a consumer before `start`. Throws if the topology declares it differently. */
  consume(definition: ConsumerDefinition): void;
  /** Starts everything in the background. Needs neither NATS nor the database to be there. */
  start(): Promise<void>;
  /** Whether it was started and does not drain. NATS being away does not change it: commands are still accepted. */
  ready(): boolean;
  /** Whether NATS is there. */
  connected(): boolean;
  /** The dead letters of this service; those of its consumers can be redriven. */
  readonly deadLetters: DeadLetters;
  /** The messages that this service retries. */
  readonly deferred: DeferredMessages;
  /** Stops taking messages, finishes those in flight, releases their locks. The relay continues. */
  drainConsumers(): Promise<void>;
  /** Drains consumers and relay. The relay first publishes the outbox, for up to a second. */
  drain(): Promise<void>;
  /** Drains, then closes the connection. */
  stop(): Promise<void>;
}

/**
 * Puts together the messaging of a service. The process starts it, and drains it before it closes the database.
 *
 * ```ts
 * import { openDatabase } from "@kontor/postgres";
 * import { createLogger } from "@kontor/telemetry";
 * const messaging = createMessaging({
 *   db: openDatabase({ url: "postgresql://orders_run@localhost/orders", service: "orders" }),
 *   service: "orders",
 *   nats: { natsUrl: ["nats://127.0.0.1:4222"] },
 *   topology: { streams: [{ name: "orders", package: "shop.orders.v1", service: "orders" }], consumers: [] },
 *   log: createLogger({ service: "orders" }),
 * });
 * await messaging.start();
 * await messaging.stop();
 * ```
 *
 * @throws ConfigError if the settings of NATS contradict each other.
 */
export function createMessaging(options: MessagingOptions): Messaging {
  const { db, service, topology, log } = options;
  const settings = { ...defaultSettings, ...options.settings };
  const consuming = new AbortController();
  const relaying = new AbortController();
  const definitions: ConsumerDefinition[] = [];
  const connection = connectOptions(service, options.nats);
  let nats: Nats | undefined;
  let consumers: Promise<unknown> | undefined;
  let relayed: Promise<unknown> | undefined;

  const consumerWork = (wake: Wake): Work[] =>
    definitions.map((definition) => {
      const declaration = declared(topology, service, definition);
      const context = { db, stream: streamNamed(topology, definition.stream), declaration, definition, settings, log };
      const lock = `messaging.consumer.${definition.durable}`;
      const partitions = Math.min(settings.partitions, declaration.maxPartitions ?? 1);
      if (partitions === 1) return { lock, work: consumeAlone.bind(undefined, context) };
      return { lock, shared: true, work: consumePartitions.bind(undefined, { ...context, partitions, wake }) };
    });
  const relayWork = (wake: Wake): Work[] => {
    const stream = ownStream(topology, service);
    if (!stream) return [];
    const readers = topology.consumers.filter((consumer) => consumer.stream === stream.name);
    const wakeUp = createWakeUpSignal();
    let leading = false;
    const announce = throttled(settings.relayGapMs, () => wake.announce("outbox"));
    const unsubscribe = onAppended(stream.package, () => (leading ? wakeUp.send() : announce()));
    relaying.signal.addEventListener("abort", unsubscribe, { once: true });
    wake.observe("outbox", wakeUp.send);
    const context = { db, wakeUp, isSignalled: wake.reachable, stream, readers, settings, log };
    const work: Work["work"] = async (nc, ended) => {
      leading = true;
      await relay(context, nc, ended).finally(() => {
        leading = false;
      });
    };
    return [{ lock: "messaging.relay", work }];
  };

  const drainConsumers = async () => {
    consuming.abort();
    await consumers;
  };
  const drain = async () => {
    await drainConsumers();
    if (nats?.current() !== undefined && ownStream(topology, service)) await outboxPublished(db, FLUSH_MS);
    relaying.abort();
    await relayed;
  };
  return {
    consume: (definition) => {
      declared(topology, service, definition);
      definitions.push(definition);
    },
    start: async () => {
      exposeTables(service, db);
      const opened = openNats(connection, log);
      nats = opened;
      const wake = createWake(opened, service);
      const shared = { db, nats: opened, log, lockRetryMs: settings.lockRetryMs, wake };
      const begin = (work: readonly Work[], { signal }: AbortController) =>
        Promise.all(work.map((one) => lead({ ...shared, ...one }, signal)));
      consumers = begin(consumerWork(wake), consuming);
      relayed = begin(relayWork(wake), relaying);
    },
    ready: () => consumers !== undefined && !consuming.signal.aborted,
    connected: () => nats?.current() !== undefined,
    deadLetters: deadLetters(db, definitions, topology),
    deferred: deferredMessages(db),
    drainConsumers,
    drain,
    stop: async () => {
      await drain();
      await nats
        ?.current()
        ?.flush()
        .catch(() => {}); // The locks that were released are announced.
      await nats?.close();
    },
  };
}

type Work = Pick<Leadership, "lock" | "shared" | "work">;

function declared(topology: Topology, service: string, { durable, stream, handlers }: ConsumerDefinition) {
  const declaration = topology.consumers.find(
    (consumer) => consumer.durable === durable && consumer.service === service,
  );
  if (!declaration) throw new Error(`The topology has no consumer ${durable} of ${service}.`);
  if (declaration.stream !== stream)
    throw new Error(`Consumer ${durable} reads ${declaration.stream} in the topology, not ${stream}.`);
  const handled = handlers.map(({ type }) => type);
  const wrong = [...declaration.events, ...handled].filter(
    (type) => !declaration.events.includes(type) || !handled.includes(type),
  );
  if (wrong.length > 0) throw new Error(`Consumer ${durable} and the topology disagree about ${wrong.join(", ")}.`);
  return declaration;
}
