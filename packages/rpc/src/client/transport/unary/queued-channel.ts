import type { Channel, Readiness } from "../channel.ts";
import type { UnaryCall } from "../outgoing-call.ts";
import { unsent } from "./failure.ts";
import type { CallQueue, QueuedCall } from "./queued-call.ts";

/** Makes unary calls over one connection, which it replaces when it ends. */
export type UnaryChannel = Pick<Channel, "readiness" | "unary" | "close">;

/** A connection as its channel uses it. */
export interface UnaryConnection {
  /** Whether the peer allows no more streams for now. */
  readonly isFull: boolean;
  /** Whether it accepts no more calls at all. `lost` reports it too, perhaps too late for one of them. */
  readonly isOver: boolean;
  /** Accepts no more calls, and ends with the last one. */
  close(): void;
}

/** The events of a connection. */
export interface ConnectionEvents<C> {
  /** It accepts calls: the peer has sent the settings of HTTP/2. */
  ready(connection: C): void;
  /** A stream has ended, or the peer allows more of them. */
  free(connection: C): void;
  /** The connection accepts no more calls. Emitted once. `calm` is true if the peer reported too many pings. */
  lost(connection: C, cause: unknown, calm: boolean): void;
}

/** Creates connections, and calls over them. */
export interface UnaryTransport<C extends UnaryConnection> {
  /** Connects to `host:port` without TLS. A silent peer is pinged every `keepAliveMs` while calls wait. */
  connect(address: string, keepAliveMs: number, events: ConnectionEvents<C>): C;
  createCall<R>(outgoing: UnaryCall<R>, queue: CallQueue<C>): QueuedCall<C, R>;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const KEEPALIVE_MS = 20_000;
/** The interval that gRPC servers allow by default. It must not be doubled without limit: a timer too long for Node.js fires every millisecond. */
const LONGEST_KEEPALIVE_MS = 300_000;

/**
 * Opens a channel to `host:port`. Calls wait for a first connection, for one that replaces a connection that worked,
 * and for one of the streams that the peer allows at a time. While no connection can be made they fail, and the channel
 * continues to try.
 */
export function openQueuedChannel<C extends UnaryConnection>(
  address: string,
  transport: UnaryTransport<C>,
): UnaryChannel {
  const waiting = new Set<QueuedCall<C>>();
  let state: Readiness | "idle" = "idle";
  let connection: C | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let keepAliveMs = KEEPALIVE_MS;
  let pause: NodeJS.Timeout | undefined;
  let closed = false;

  function connect(): void {
    connection = transport.connect(address, keepAliveMs, { ready, free, lost });
    if (state === "idle") state = "connecting";
  }
  function ready(): void {
    state = "ready";
    pauseMs = FIRST_PAUSE_MS;
    free();
  }
  function free(): void {
    for (const call of waiting) {
      if (state !== "ready" || connection?.isFull) return;
      waiting.delete(call);
      place(call);
    }
  }
  function lost(which: C, cause: unknown, calm: boolean): void {
    if (which !== connection) return;
    if (calm) keepAliveMs = Math.min(LONGEST_KEEPALIVE_MS, keepAliveMs * 2);
    connection = undefined;
    const worked = state === "ready";
    state = worked || closed ? "idle" : "unreachable";
    if (worked && waiting.size > 0) connect();
    if (worked || closed) return;
    pause = setTimeout(connect, pauseMs * (0.8 + Math.random() * 0.4)).unref();
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.6);
    for (const call of take()) call.fail(unsent("No connection established.", cause));
  }
  function take(): QueuedCall<C>[] {
    const calls = [...waiting];
    waiting.clear();
    return calls;
  }
  function place(call: QueuedCall<C>): void {
    if (call.ended) return;
    const used = connection;
    if (used?.isOver) {
      used.close();
      lost(used, undefined, false);
    }
    if (closed) call.fail(unsent("The channel is closed."));
    else if (state === "unreachable") call.fail(unsent("No connection established."));
    else if (connection !== undefined && state === "ready" && !connection.isFull) call.begin(connection);
    else {
      waiting.add(call);
      if (state === "idle") connect();
    }
  }

  function forget(call: QueuedCall<C>): void {
    waiting.delete(call);
  }

  return {
    readiness() {
      if (state === "idle" && !closed) connect();
      return state === "idle" ? "connecting" : state;
    },
    unary(outgoing) {
      const { signal } = outgoing;
      if (signal?.aborted) return Promise.reject(signal.reason);
      const call = transport.createCall(outgoing, { place, forget });
      place(call as QueuedCall<C>);
      return call.result;
    },
    close() {
      closed = true;
      clearTimeout(pause);
      connection?.close();
      for (const call of take()) call.fail(unsent("The channel is closed."));
    },
  };
}
