import { choice, duration, flag, integer, optionalText, port, type Settings, text } from "@kontor/config";
import { natsSettings } from "@kontor/nats";
import { identitySettings } from "./identity.ts";
import type { ProcessConfig } from "./process-settings.ts";

const DAY_MS = 86_400_000;

/** The settings of the step that migrates, and the certificate of the database's server. */
export const databaseSettings = {
  databaseOwnerUrl: optionalText("DATABASE_OWNER_URL", {
    secret: true,
    doc: "PostgreSQL URL with the role that owns the database. With it the service migrates and grants the role that runs its rights. Only the argument `migrate` needs it.",
  }),
  databaseRunRole: optionalText("DATABASE_RUN_ROLE", {
    doc: "Role that `migrate` grants the rights to run. Default: the one in DATABASE_URL.",
  }),
  databaseCaFile: optionalText("DATABASE_CA_FILE", {
    doc: "PEM file with the CA of the database's server, for `sslmode` require, verify-ca and verify-full. Default: the CAs that Node knows.",
  }),
} satisfies Settings;

/** The settings of every service, in addition to its own. */
export const serviceSettings = {
  grpcHost: text("GRPC_HOST", { default: "127.0.0.1", doc: "Address that gRPC listens on; 0.0.0.0 in a container." }),
  grpcPort: port("GRPC_PORT", { doc: "Port of gRPC; 0 takes a free one." }),
  maxConnectionAge: duration("GRPC_MAX_CONNECTION_AGE", {
    default: "0s",
    doc: "Age of a connection after which the client is asked to reconnect, so that clients that find replicas by DNS see new ones; 0s is never.",
  }),
  databaseUrl: text("DATABASE_URL", {
    secret: true,
    doc: "PostgreSQL URL of the service's own database, with the role that runs. `sslmode`: disable (default), require, verify-ca or verify-full.",
  }),
  databaseConnections: integer("DATABASE_CONNECTIONS", {
    default: 8,
    min: 2,
    max: 100,
    doc: "Limit of connections to the database, next to the one of locks. Less where many services share one PostgreSQL.",
  }),
  databaseReadUrl: optionalText("DATABASE_READ_URL", {
    secret: true,
    doc: "PostgreSQL URL of a streaming replica of the database, with the role that runs. Reads of lists, searches and single resources run there as soon as it has what was committed before them, else at the primary; it takes as many connections as the primary.",
  }),
  ...databaseSettings,
  ...natsSettings(["nats://127.0.0.1:4222"]),
  natsReplicas: integer("NATS_REPLICAS", {
    default: 1,
    min: 1,
    max: 5,
    doc: "The number of NATS servers that store each event.",
  }),
  consumerPartitions: integer("CONSUMER_PARTITIONS", {
    default: 1,
    min: 1,
    max: 64,
    doc: "Partitions between which the replicas of a service divide each of its consumers, up to the limit of the topology. With 1 one replica has a consumer.",
  }),
  ...identitySettings,
  tokenIssuer: text("TOKEN_ISSUER", { default: "https://kontor.local", doc: "`iss` of access tokens." }),
  tokenAudience: text("TOKEN_AUDIENCE", { default: "kontor", doc: "`aud` of access tokens." }),
  outboxRetention: duration("OUTBOX_RETENTION", {
    default: "7d",
    min: 7 * DAY_MS,
    doc: "How long published events are kept, so that a lost stream can be filled again.",
  }),
  inboxRetention: duration("INBOX_RETENTION", {
    default: "30d",
    doc: "How long the ids of received events are kept; more than `OUTBOX_RETENTION` plus the 14 days of a stream. 0s keeps them.",
  }),
  deadLetterRetention: duration("DEAD_LETTER_RETENTION", {
    default: "90d",
    doc: "How long resolved dead letters are kept. 0s keeps them.",
  }),
  retentionInterval: duration("RETENTION_INTERVAL", {
    default: "1h",
    min: 1_000,
    doc: "Longest time between two removals of expired rows.",
  }),
  startWithinMs: duration("KONTOR_START_WITHIN", {
    default: "50s",
    doc: "How long a starting process waits for an unreachable database before it exits. Keep it below the limit of the startup probe.",
  }),
  rpcRetries: flag("RPC_RETRIES", {
    default: true,
    doc: "Whether failed calls are repeated; `off` where a mesh repeats them.",
  }),
  rpcServer: choice("RPC_SERVER", {
    values: ["lean", "grpc-js"],
    default: "lean",
    doc: "The transport that receives gRPC calls: Kontor's own HTTP/2, or grpc-js. Both serve streams.",
  }),
  rpcClient: choice("RPC_CLIENT", {
    values: ["lean", "http2", "grpc-js"],
    default: "lean",
    doc: "The transport of unary calls of other services: Kontor's own HTTP/2, a client on node:http2, or grpc-js. Streams always use grpc-js.",
  }),
} satisfies Settings;

/** The values of a service's own settings and those that all services have. */
export type ServiceConfig<S extends Settings> = ProcessConfig<S & typeof serviceSettings>;
