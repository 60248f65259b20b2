import type { Logger } from "@kontor/telemetry";
import type { NatsConnection } from "@nats-io/transport-node";

/** Hears when NATS comes and goes. */
export interface NatsObserver {
  up(connection: NatsConnection): void;
  down(): void;
}

/** A connection to NATS that is sought for ever, in the background. Nothing waits for it. */
export interface Nats {
  /** The connection, while it is up. */
  current(): NatsConnection | undefined;
  /** Tells the observer of each change from now on, and at once when NATS is there. */
  observe(observer: NatsObserver): void;
  close(): Promise<void>;
}

/** Silence is taken for absence after two of these: until then the cache answers from what it has. */
const PING_MS = 3_000;

/** Starts connecting. The library is loaded by those who use it. */
export function openNats(servers: readonly string[], log: Logger): Nats {
  const observers: NatsObserver[] = [];
  let connection: NatsConnection | undefined;
  let isUp = false;
  let closing = false;

  function change(up: boolean): void {
    if (up === isUp) return;
    isUp = up;
    if (!closing) log.info({ up }, up ? "Connected to NATS." : "Lost the connection to NATS.");
    for (const observer of observers) up && connection ? observer.up(connection) : observer.down();
  }
  async function follow(): Promise<void> {
    const { connect } = await import("@nats-io/transport-node");
    const patient = { waitOnFirstConnect: true, maxReconnectAttempts: -1, ignoreAuthErrorAbort: true };
    const times = { timeout: 2_000, reconnectTimeWait: 250, pingInterval: PING_MS, maxPingOut: 2 };
    const opened = await connect({
      name: "gateway",
      inboxPrefix: "_INBOX.gateway",
      servers: [...servers],
      ...patient,
      ...times,
    });
    connection = opened;
    if (closing) return opened.close();
    change(true);
    for await (const { type } of opened.status()) {
      if (type === "disconnect") change(false);
      if (type === "reconnect") change(true);
    }
    change(false);
  }
  follow().catch((err: unknown) => log.error({ err }, "NATS is given up."));

  return {
    current: () => (isUp ? connection : undefined),
    observe(observer) {
      observers.push(observer);
      if (isUp && connection) observer.up(connection);
    },
    async close() {
      closing = true;
      await connection?.close();
    },
  };
}
