import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { natsUsers, serverUsers } from "@kontor/nats";
import { type Database, migrate, openDatabase } from "@kontor/postgres";
import { createLogger } from "@kontor/telemetry";
import { type Nats, type Postgres, rowsOf, startNats, startPostgres, temporaryFolder } from "@kontor/testing";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import {
  type ConsumerDefinition,
  createMessaging,
  defineConsumer,
  type EventContext,
  type EventUpcasters,
  event,
  type Messaging,
  type MessagingSettings,
  messagingTables,
  on,
  outbox,
  type Topology,
} from "../src/index.ts";

/** One service that consumes its own events: events are words, keys are speakers. */
export const topology = {
  streams: [{ name: "words", package: "google.protobuf", service: "talk" }],
  consumers: [
    {
      durable: "talk-words",
      service: "talk",
      stream: "words",
      events: ["google.protobuf.StringValue"],
      maxPartitions: 8,
    },
    { durable: "echo-words", service: "echo", stream: "words", events: ["google.protobuf.StringValue"] },
  ],
} as const satisfies Topology;

export const log = createLogger({ service: "test", level: process.env.LOG_LEVEL ?? "silent" });

export const quick: Partial<MessagingSettings> = {
  pollMs: 20,
  lockRetryMs: 50,
  retryBaseMs: 60,
  retryCapMs: 200,
  reconcileIntervalMs: 500,
};

/** Settings of a replica that shares a consumer. */
export const shared = (partitions: number, partitionLeaseMs = 1_500): Partial<MessagingSettings> => ({
  partitions,
  partitionLeaseMs,
});

export type Heard = { readonly word: string; readonly key: string; readonly id: string };
export type Listener = (word: string, context: EventContext) => Promise<void>;

export interface Shop {
  readonly db: Database;
  readonly url: string;
  readonly nats: Nats;
  readonly nc: NatsConnection;
  /** The words that handlers committed, in the order of their commits. */
  heard(): Promise<Heard[]>;
  words(key?: string): Promise<string[]>;
  say(key: string, ...words: string[]): Promise<void>;
  /** A replica of the service; `listen` runs before the word is noted in the inbox transaction. */
  replica(options?: {
    listen?: Listener | undefined;
    consumes?: boolean;
    settings?: Partial<MessagingSettings>;
    release?: Release;
    /** Default: that of the shop. */
    db?: Database;
    /** Default: {@link listener}. */
    definition?: ConsumerDefinition;
  }): Messaging;
  close(): Promise<void>;
}

let postgres: Postgres | undefined;

/** The credentials of the service. */
export const talker = { natsUser: "talk", natsPassword: "talk" };

/** Writes the server's users: those of the topology, and one for the test with all rights. */
async function rightsFile(): Promise<string> {
  const path = join(await temporaryFolder("rights"), "nats.conf");
  const tester = { name: "tester", publish: [">"], subscribe: [">"] };
  writeFileSync(
    path,
    serverUsers([...natsUsers(topology), tester], (user) => user),
  );
  return path;
}

/** Opens a shop on the servers of `cluster`, or on a separate server. */
export async function openShop(cluster?: readonly string[]): Promise<Shop> {
  postgres ??= await startPostgres();
  const { url, drop } = await postgres.createDatabase("messaging");
  const db = openDatabase({ url, service: "talk" });
  await migrate({ url, folders: [messagingTables], log: { info: () => undefined } });
  await db.query(
    "CREATE TABLE heard (n bigint GENERATED ALWAYS AS IDENTITY, word text, key text, id uuid, at timestamptz DEFAULT clock_timestamp())",
  );
  const nats = await startNats({ more: ["--config", await rightsFile()] });
  const servers = cluster ?? [nats.url];
  const tester = { user: "tester", pass: "tester" };
  const nc = await connect({ servers: [...servers], ...tester, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  const replicas: Messaging[] = [];
  const heard = () => rowsOf<Heard>(db, "SELECT word, key, id FROM heard ORDER BY n");

  return {
    db,
    url,
    nats,
    nc,
    heard,
    words: async (key) => (await heard()).filter((one) => key === undefined || one.key === key).map(({ word }) => word),
    say: (key, ...words) =>
      db.transaction((tx) =>
        outbox.append(
          tx,
          words.map((value) => event(StringValueSchema, { value }, { key })),
        ),
      ),
    replica: ({ listen, consumes = true, settings, release, db: own = db, definition } = {}) => {
      const messaging = createMessaging({
        db: own,
        service: "talk",
        nats: { natsUrl: servers, ...talker },
        topology,
        log,
        settings: { ...quick, ...settings },
      });
      if (consumes) messaging.consume(definition ?? listener(listen, release));
      replicas.push(messaging);
      return messaging;
    },
    close: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await db.close();
      await nc.close();
      await nats.stop();
      await drop();
    },
  };
}

/** The contract of a release: which version of a word it reads, and how it raises older ones. */
export type Release = {
  readonly schema: typeof StringValueSchema;
  readonly upcasters?: EventUpcasters<typeof StringValueSchema>;
};

export function listener(
  listen: Listener = async () => {},
  { schema, upcasters }: Release = { schema: StringValueSchema },
) {
  return defineConsumer({
    durable: "talk-words",
    stream: "words",
    handlers: [
      on(
        schema,
        async ({ value }, context) => {
          await listen(value, context);
          await context.tx.query("INSERT INTO heard (word, key, id) VALUES ($1, $2, $3)", [
            value,
            context.key,
            context.id,
          ]);
        },
        upcasters,
      ),
    ],
  });
}

/** Returns "1" to "n". */
export function count(n: number): string[] {
  return Array.from({ length: n }, (_, index) => String(index + 1));
}
