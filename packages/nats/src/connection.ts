import { addAbortListener } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@kontor/telemetry";
import type { NatsConnection, NodeConnectionOptions } from "@nats-io/transport-node";

/** An uninterrupted stretch of one connection. Messages in flight at its end may or may not have arrived. */
export interface Session {
  /** The connection of this session. */
  readonly nc: NatsConnection;
  /** Aborts when the session ends. */
  readonly lost: AbortSignal;
}

/** Is called when NATS becomes reachable and when it is lost. */
export interface NatsObserver {
  /** NATS is reachable by this connection. */
  up(connection: NatsConnection): void;
  /** NATS is lost. Another connection is attempted. */
  down(): void;
}

/** A connection to NATS that is attempted until it is closed, in the background. */
export interface Nats {
  /** The connection, while it is up. */
  current(): NatsConnection | undefined;
  /** The current session, or the next one; `undefined` once the signal aborts. */
  session(signal: AbortSignal): Promise<Session | undefined>;
  /** Calls the observer at each change from now on, and at once when NATS is up. */
  observe(observer: NatsObserver): void;
  /** Closes the connection. Unsent messages are lost; drain messaging first. */
  close(): Promise<void>;
}

const DEFAULTS: NodeConnectionOptions = { timeout: 2_000, reconnectTimeWait: 250, pingInterval: 10_000 };
const FOREVER = { reconnect: true, maxReconnectAttempts: -1, ignoreAuthErrorAbort: true } as const;
const RETRY_MS = 1_000;

/**
 * Starts connecting and never gives up; refused credentials are attempted again too, because they may have been rotated.
 * Logs when NATS is reached, lost, cannot be reached, or refuses the client. The library is loaded by this call.
 *
 * ```ts
 * import { createLogger } from "@kontor/telemetry";
 * const log = createLogger({ service: "orders" });
 * const nats = openNats(connectOptions("orders", { natsUrl: ["nats://127.0.0.1:4222"] }), log);
 * nats.observe({ up: (connection) => connection.publish("greetings", "hello"), down: () => log.warn("NATS lost") });
 * await nats.close();
 * ```
 */
export function openNats(options: NodeConnectionOptions, log: Logger): Nats {
  const closing = new AbortController();
  const observers: NatsObserver[] = [];
  const waiting = new Set<() => void>();
  let nc: NatsConnection | undefined;
  let current: { readonly session: Session; readonly end: AbortController } | undefined;

  function begin(connection: NatsConnection): void {
    const end = new AbortController();
    current = { session: { nc: connection, lost: end.signal }, end };
    log.info({ up: true, server: connection.getServer() }, "NATS connected");
    for (const wake of waiting) wake();
    for (const observer of observers) observer.up(connection);
  }
  function end(): void {
    if (!current) return;
    const ended = current;
    current = undefined;
    ended.end.abort();
    if (!closing.signal.aborted) log.warn({ up: false }, "NATS disconnected");
    for (const observer of observers) observer.down();
  }
  async function follow(connection: NatsConnection): Promise<void> {
    let refused = false;
    for await (const status of connection.status()) {
      if (status.type === "disconnect") end();
      if (status.type === "reconnect") {
        refused = false;
        begin(connection);
      }
      if (status.type !== "error") continue;
      // A refused log-in repeats with every attempt; a refused subject is new each time.
      if (current || !refused) log.error({ err: status.error }, "NATS refused the client");
      refused ||= !current;
    }
    await connection.closed();
    end();
  }
  async function work(): Promise<void> {
    const { connect } = await import("@nats-io/transport-node");
    let reported: string | undefined;
    while (!closing.signal.aborted) {
      try {
        nc = await connect({ ...DEFAULTS, ...options, ...FOREVER });
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (message !== reported) log.error({ err: error }, "NATS connection failed; retrying");
        reported = message;
        await delay(RETRY_MS * (0.5 + Math.random() / 2), undefined, { signal: closing.signal }).catch(() => {});
        continue;
      }
      reported = undefined;
      if (closing.signal.aborted) return nc.close();
      begin(nc);
      await follow(nc);
    }
  }
  const working = work();

  function nextSession(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        waiting.delete(done);
        listener[Symbol.dispose]();
        resolve();
      };
      waiting.add(done);
      const listener = addAbortListener(signal, done);
    });
  }

  return {
    current: () => current?.session.nc,
    async session(signal) {
      while (!signal.aborted) {
        if (current) return current.session;
        await nextSession(signal);
      }
      return undefined;
    },
    observe(observer) {
      observers.push(observer);
      if (current) observer.up(current.session.nc);
    },
    async close() {
      closing.abort();
      end();
      await nc?.close();
      await working;
    },
  };
}
