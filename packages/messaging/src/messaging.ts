import type { Database } from "@kontor/postgres";
import type { Logger } from "@kontor/telemetry";
import type { NodeConnectionOptions } from "@nats-io/transport-node";
import { consume } from "./consumer.ts";
import type { ConsumerDefinition } from "./consumer-definition.ts";
import { type DeadLetters, deadLetters } from "./dead-letters.ts";
import { type Duty, perform } from "./duty.ts";
import { openLink } from "./link.ts";
import { exposeTables } from "./metrics.ts";
import { relay } from "./relay.ts";
import { defaultSettings, type MessagingSettings } from "./settings.ts";
import { ownStream, streamNamed, type Topology } from "./topology.ts";

/** What messaging is made of. */
export interface MessagingOptions {
  readonly db: Database;
  /** Name in the topology; also that of the connection. */
  readonly service: string;
  /** NATS, such as `nats://nats:4222`; several of one cluster may be named. */
  readonly servers: string | readonly string[];
  readonly topology: Topology;
  readonly log: Logger;
  readonly settings?: Partial<MessagingSettings>;
  /** Credentials and TLS. */
  readonly connection?: NodeConnectionOptions;
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
  /** Stops taking messages and rows, finishes those in flight, releases the locks. */
  drain(): Promise<void>;
  /** Drains, then closes the connection. */
  stop(): Promise<void>;
}

/** Puts together the messaging of a service. The process starts it, and drains it before it closes the database. */
export function createMessaging(options: MessagingOptions): Messaging {
  const { db, service, topology, log } = options;
  const settings = { ...defaultSettings, ...options.settings };
  const stop = new AbortController();
  const definitions: ConsumerDefinition[] = [];
  let link: ReturnType<typeof openLink> | undefined;
  let work: Promise<unknown> | undefined;

  const duties = (): Pick<Duty, "lock" | "work">[] => {
    const stream = ownStream(topology, service);
    const consumers = definitions.map((definition) => {
      const declaration = declared(topology, service, definition);
      const context = { db, stream: streamNamed(topology, definition.stream), declaration, definition, settings, log };
      return { lock: `messaging.consumer.${definition.durable}`, work: consume.bind(undefined, context) };
    });
    if (!stream) return consumers;
    return [{ lock: "messaging.relay", work: relay.bind(undefined, { db, stream, settings, log }) }, ...consumers];
  };

  const drain = async () => {
    stop.abort();
    await work;
  };
  return {
    consume: (definition) => {
      declared(topology, service, definition);
      definitions.push(definition);
    },
    start: async () => {
      exposeTables(db);
      const servers = [options.servers].flat();
      const opened = openLink({ name: service, inboxPrefix: `_INBOX.${service}`, ...options.connection, servers }, log);
      link = opened;
      const shared = { db, link: opened, log, lockRetryMs: settings.lockRetryMs };
      work = Promise.all(duties().map((duty) => perform({ ...shared, ...duty }, stop.signal)));
    },
    ready: () => work !== undefined && !stop.signal.aborted,
    connected: () => link?.connected() ?? false,
    deadLetters: deadLetters(db, definitions),
    drain,
    stop: async () => {
      await drain();
      await link?.close();
    },
  };
}

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
