import type { DescService } from "@bufbuild/protobuf";
import type { Setting, Settings } from "@kontor/config";
import { type Messaging, messagingTables, type Topology } from "@kontor/messaging";
import type { Jwks } from "@kontor/policy";
import type { Database, RetentionRule } from "@kontor/postgres";
import type { Implementation, RpcClient, ServerLimits } from "@kontor/rpc";
import type { Logger } from "@kontor/telemetry";
import type { ServiceConfig } from "./service-settings.ts";

/** The part that all services of one system share. */
export interface System {
  /** Every stream and durable consumer of the system. */
  readonly topology: Topology;
  /** Default: none. Without an issuer, only a service that brings its own `keys` accepts access tokens. */
  readonly issuer?: TokenIssuer;
}

/** The service that publishes the public keys of access tokens. */
export interface TokenIssuer {
  /** The setting with its gRPC address. */
  readonly address: Setting<string>;
  /** Returns the function that fetches the keys. */
  keys(client: ClientFactory, address: string): () => Promise<Jwks>;
}

/** Creates a client that calls in the service's name. It is closed when the service stops. */
export type ClientFactory = <D extends DescService>(
  service: D,
  address: string,
  options?: { readonly timeoutMs?: number },
) => RpcClient<D>;

/** The dependencies that a service is built from. */
export interface ServiceContext<S extends Settings> {
  readonly config: ServiceConfig<S>;
  /** The service's own database, migrated. */
  readonly db: Database;
  /** Returns the time by the clock of the service's database, which is the same for all its processes. */
  now(): Date;
  readonly messaging: Messaging;
  readonly log: Logger;
  readonly client: ClientFactory;
}

/** Background work, such as a saga engine or a sweeper. */
export interface Background {
  /** Begins the work. A promise is awaited before the next one starts. */
  start(): unknown;
  /** Ends the work. A promise is awaited. */
  stop(): unknown;
}

/** The parts of a service. */
export interface Parts {
  /** The gRPC services with their handlers. */
  readonly services: readonly Implementation[];
  /** The durable consumers. Default: none. */
  readonly consumers?: readonly Parameters<Messaging["consume"]>[0][];
  /** Started in order before the first call is accepted, stopped in reverse after the last one. */
  readonly background?: readonly Background[];
  /** The retention of the service's own tables; tables without a rule keep rows forever. */
  readonly retention?: readonly RetentionRule[];
  /** Where the keys of access tokens come from. Default: the system's issuer. */
  readonly keys?: () => Promise<Jwks>;
  /** How much the gRPC server takes on. Default: {@link ServerLimits}. */
  readonly limits?: Partial<ServerLimits>;
}

/** A service: its name, its settings, its migrations, and the composition root that joins its parts. */
export interface ServiceDefinition<S extends Settings> {
  /** Name in contracts, topology, logs and metrics. */
  readonly name: string;
  readonly system: System;
  /** Its own settings, in addition to those of every service. */
  readonly settings: S;
  /** The folder of its own migrations, in Prisma's layout. */
  readonly migrations: URL;
  /** The folders of the packages with tables in its database: `sagaTables` of `@kontor/saga`. Those of messaging are always there. */
  readonly tables?: readonly URL[];
  /** Tables to which the service only adds rows: its run role may neither update nor delete them. */
  readonly history?: readonly string[];
  /** Joins the parts. Runs after the migrations; makes no calls and starts nothing. */
  build(context: ServiceContext<S>): Parts | Promise<Parts>;
}

/**
 * Declares a service: its name, its settings, its migrations, and how it is built of its parts. Returns the definition with
 * its types.
 *
 * ```ts
 * declare const system: System;
 * const greetings = defineService({
 *   system,
 *   name: "greetings",
 *   settings: {},
 *   migrations: new URL("../prisma/migrations/", import.meta.url),
 *   build: () => ({ services: [] }),
 * });
 * await runService(greetings);
 * ```
 */
export function defineService<const S extends Settings>(definition: ServiceDefinition<S>): ServiceDefinition<S> {
  return definition;
}

/** Returns the folders of all migrations of a service: its own, and those of the packages with tables in its database. */
export function migrationsOf({
  migrations,
  tables = [],
}: Pick<ServiceDefinition<Settings>, "migrations" | "tables">): readonly URL[] {
  return [migrations, messagingTables, ...tables];
}
