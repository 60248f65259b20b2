import type { DescService } from "@bufbuild/protobuf";
import type { Settings } from "@kontor/config";
import type { Messaging } from "@kontor/messaging";
import type { Jwks } from "@kontor/policy";
import type { Database, RetentionRule } from "@kontor/postgres";
import type { Implementation, RpcClient, ServerLimits } from "@kontor/rpc";
import type { Logger } from "@kontor/telemetry";
import type { ServiceConfig } from "./service-settings.ts";

/** What the kit hands to a service to build itself from. */
export interface Kit<S extends Settings> {
  readonly config: ServiceConfig<S>;
  /** The service's own database, migrated. */
  readonly db: Database;
  readonly messaging: Messaging;
  readonly log: Logger;
  /** A client that calls in the service's name; closed when the service stops. */
  client<D extends DescService>(service: D, address: string, options?: { readonly timeoutMs?: number }): RpcClient<D>;
}

/** Background work, such as a saga engine or a sweeper. */
export interface Background {
  start(): unknown;
  stop(): unknown;
}

/** What a service consists of. */
export interface Parts {
  readonly services: readonly Implementation[];
  readonly consumers?: readonly Parameters<Messaging["consume"]>[0][];
  /** Started in order before the first call is accepted, stopped in reverse after the last one. */
  readonly background?: readonly Background[];
  /** How long the service's own tables keep rows; tables without a rule keep them forever. */
  readonly retention?: readonly RetentionRule[];
  /** Where the keys of access tokens come from. Default: the users service. */
  readonly keys?: () => Promise<Jwks>;
  readonly limits?: Partial<ServerLimits>;
}

/** A service: its name, its settings, its migrations, and the composition root that joins its parts. */
export interface ServiceDefinition<S extends Settings> {
  readonly name: string;
  /** Its own settings, in addition to those of every service. */
  readonly settings: S;
  /** The folder of its migrations, in Prisma's layout. */
  readonly migrations: URL;
  /** Tables that the service adds to and never changes: the role that it runs as may neither update nor delete their rows. */
  readonly history?: readonly string[];
  build(kit: Kit<S>): Parts | Promise<Parts>;
}

/** Gives a definition its types. */
export function defineService<const S extends Settings>(definition: ServiceDefinition<S>): ServiceDefinition<S> {
  return definition;
}
