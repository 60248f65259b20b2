import type { Logger } from "@kontor/telemetry";
import { connect, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import { jittered, pause } from "./pause.ts";

/** An uninterrupted stretch of one connection. What was in flight when it ended may or may not have arrived. */
export interface Session {
  readonly nc: NatsConnection;
  readonly lost: AbortSignal;
}

/** A connection that is sought for ever, in the background. */
export interface Link {
  connected(): boolean;
  /** The current session, or the next one; `undefined` once the signal aborts. */
  session(signal: AbortSignal): Promise<Session | undefined>;
  close(): Promise<void>;
}

/** Starts connecting and never gives up. Refused credentials are tried again too: they may have been rotated. */
export function openLink(options: NodeConnectionOptions, log: Logger): Link {
  const closing = new AbortController();
  let nc: NatsConnection | undefined;
  let current: { session: Session; end: AbortController } | undefined;
  let arrival = Promise.withResolvers<void>();

  const begin = (connection: NatsConnection) => {
    const end = new AbortController();
    current = { session: { nc: connection, lost: end.signal }, end };
    log.info({ server: connection.getServer() }, "connected to NATS");
    arrival.resolve();
  };
  const end = () => {
    if (!current) return;
    current.end.abort();
    current = undefined;
    arrival = Promise.withResolvers();
    if (!closing.signal.aborted) log.warn("lost the connection to NATS");
  };

  const work = async () => {
    let complained = false;
    while (!closing.signal.aborted) {
      try {
        nc = await connect({ timeout: 2_000, reconnectTimeWait: 250, pingInterval: 10_000, ...options, ...forever });
      } catch (error) {
        if (!complained) log.warn({ err: error }, "NATS cannot be reached, trying on");
        complained = true;
        await pause(jittered(1_000), closing.signal);
        continue;
      }
      complained = false;
      if (closing.signal.aborted) return nc.close();
      begin(nc);
      for await (const status of nc.status()) {
        if (status.type === "disconnect") end();
        if (status.type === "reconnect") begin(nc);
      }
      await nc.closed();
      end();
    }
  };
  const working = work();

  return {
    connected: () => current !== undefined,
    session: async (signal) => {
      const given = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      while (!signal.aborted) {
        if (current) return current.session;
        await Promise.race([arrival.promise, given]);
      }
      return undefined;
    },
    close: async () => {
      closing.abort();
      end();
      await nc?.close();
      await working;
    },
  };
}

const forever = { reconnect: true, maxReconnectAttempts: -1, ignoreAuthErrorAbort: true } as const;
