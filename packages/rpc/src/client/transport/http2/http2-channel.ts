import type { Channel, Readiness } from "../channel.ts";
import { type Connection, openConnection } from "./connection.ts";
import { unsent } from "./failure.ts";
import { Http2Call } from "./http2-call.ts";

/** Makes unary calls over one connection, which it replaces when it ends. */
export type UnaryChannel = Pick<Channel, "readiness" | "unary" | "close">;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const KEEPALIVE_MS = 20_000;
/** The interval that gRPC servers allow by default. It must not be doubled without limit: a timer too long for Node.js fires every millisecond. */
const LONGEST_KEEPALIVE_MS = 300_000;

/**
 * Opens a channel to `host:port` over node:http2. Calls wait for a first connection, for one that replaces a connection that worked,
 * and for one of the streams that the peer allows at a time. While no connection can be made they fail, and the channel
 * continues to try.
 */
export function openHttp2Channel(address: string): UnaryChannel {
  const waiting = new Set<Http2Call<unknown>>();
  let state: Readiness | "idle" = "idle";
  let connection: Connection | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let keepAliveMs = KEEPALIVE_MS;
  let pause: NodeJS.Timeout | undefined;
  let closed = false;

  function connect(): void {
    connection = openConnection(address, keepAliveMs, { ready, free, lost });
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
  function lost(which: Connection, cause: unknown, calm: boolean): void {
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
  function take(): Http2Call<unknown>[] {
    const calls = [...waiting];
    waiting.clear();
    return calls;
  }
  function place(call: Http2Call<unknown>): void {
    if (call.ended) return;
    if (connection?.isOver) {
      connection.close();
      lost(connection, undefined, false);
    }
    if (closed) call.fail(unsent("The channel is closed."));
    else if (state === "unreachable") call.fail(unsent("No connection established."));
    else if (connection !== undefined && state === "ready" && !connection.isFull) call.begin(connection);
    else {
      waiting.add(call);
      if (state === "idle") connect();
    }
  }

  function forget(call: Http2Call<unknown>): void {
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
      const call = new Http2Call(outgoing, { place, forget });
      place(call);
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
