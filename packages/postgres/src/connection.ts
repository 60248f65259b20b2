import type { ClientConfig } from "pg";
import { types } from "./types.ts";

/** What every connection of a service needs to know. */
export interface ConnectionOptions {
  readonly url: string;
  readonly service: string;
  readonly statementTimeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
const LOCK_TIMEOUT_MS = 5_000;
const IDLE_IN_TRANSACTION_MS = 15_000;
const KEEP_ALIVE_MS = 10_000;
/** How much longer than the server we wait for an answer before calling the connection dead. */
const GRACE_MS = 5_000;

// The server drops a client that vanished, and with it the client's locks, after 25 s. Plans here are too short for JIT.
const SERVER_OPTIONS = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c jit=off";

/** Settings without which `pg` waits forever: for a connection, an answer, a lock, or a peer that is gone. */
export function connectionConfig({ url, service, statementTimeoutMs }: ConnectionOptions): ClientConfig {
  return {
    connectionString: url,
    application_name: service,
    types,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + GRACE_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    options: SERVER_OPTIONS,
  };
}
