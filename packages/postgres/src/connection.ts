import type pg from "pg";
import { type DatabaseAddress, readDatabaseUrl } from "./database-url.ts";
import { types } from "./types.ts";

/** The settings of every connection of a service. */
export interface ConnectionOptions extends DatabaseAddress {
  readonly service: string;
  readonly statementTimeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Well below the time-outs of callers (5 s and more), and of the statement: a call fails with LOCK_TIMEOUT while its caller still waits. */
const LOCK_TIMEOUT_MS = 2_000;
const IDLE_IN_TRANSACTION_MS = 15_000;
const KEEP_ALIVE_MS = 10_000;
/** Time beyond the server's own limit after which a statement without a response means a dead connection. */
const GRACE_MS = 5_000;

/** Returns the settings without which `pg` waits forever: for a connection, a response, or a lost peer. */
export function connectionConfig({ statementTimeoutMs, ...address }: ConnectionOptions): pg.ClientConfig {
  return {
    ...baseConfig(address),
    types,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    query_timeout: statementTimeoutMs + GRACE_MS,
  };
}

/** Returns the options of any client: the address, and the time-out of connecting. */
export function baseConfig({ service, ...address }: DatabaseAddress & { readonly service: string }): pg.ClientConfig {
  return { ...readDatabaseUrl(address), application_name: service, connectionTimeoutMillis: CONNECT_TIMEOUT_MS };
}

/**
 * Sets the limits of a session once it is connected. Poolers such as PgBouncer refuse them as start-up parameters. The server
 * drops a client that vanished, and its locks, after 25 s. Plans here are too short for JIT.
 */
export async function prepareSession(client: pg.ClientBase, { statementTimeoutMs }: ConnectionOptions): Promise<void> {
  const settings = {
    statement_timeout: statementTimeoutMs,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    tcp_keepalives_idle: 10,
    tcp_keepalives_interval: 5,
    tcp_keepalives_count: 3,
    jit: "off",
  };
  await client.query(
    Object.entries(settings)
      .map(([name, value]) => `SET ${name} = ${value}`)
      .join("; "),
  );
}
