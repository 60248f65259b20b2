import { type ClientHttp2Session, connect, constants } from "node:http2";
import { LONGEST_MESSAGE } from "../unary/failure.ts";
import type { ConnectionEvents, UnaryConnection } from "../unary/queued-channel.ts";

/** A connection of node:http2. */
export interface Connection extends UnaryConnection {
  readonly session: ClientHttp2Session;
  readonly authority: string;
  /** Counts a new stream. */
  enter(): void;
  /** Counts a stream that has ended. */
  leave(): void;
  /** Whether the peer has sent something since this was last set to false. */
  heard: boolean;
  /** The last stream that the peer processes, once it has announced that it accepts no more of them. */
  readonly lastProcessed: number;
}

/** Shorter than deadlines: an address that drops packets, such as a new pod's, delays a call by this time instead of until its deadline. */
const CONNECT_MS = 2_000;
const PONG_MS = 5_000;
/** A client has 2^30 streams on a connection. */
const MOST_STREAMS = 2 ** 30 - 2 ** 16;
const STREAM_WINDOW = 1024 * 1024;

/** Connects to `host:port` without TLS. */
export function openConnection(
  authority: string,
  keepAliveMs: number,
  events: ConnectionEvents<Connection>,
): Connection {
  const session = connect(`http://${authority}`, {
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
    maxSessionMemory: Number.MAX_SAFE_INTEGER, // The calls in flight bound the memory.
  });
  session.unref(); // The timer of each call keeps the process running for it.
  let cause: unknown;
  let calm = false;
  let emitted = false;
  let active = 0;
  let begun = 0;
  let most = Number.POSITIVE_INFINITY;
  let lastProcessed = Number.POSITIVE_INFINITY;
  const connection: Connection = {
    session,
    authority,
    heard: true,
    get isFull() {
      return active >= most;
    },
    get isOver() {
      return session.closed || session.destroyed || begun > MOST_STREAMS;
    },
    enter() {
      active++;
      begun++;
    },
    leave() {
      active--;
      events.free(connection);
    },
    get lastProcessed() {
      return lastProcessed;
    },
    close: () => (session.connecting ? session.destroy() : session.close()),
  };
  function lose(): void {
    if (emitted) return;
    emitted = true;
    events.lost(connection, cause, calm);
  }
  const slow = setTimeout(() => session.destroy(new Error("Connecting took too long.")), CONNECT_MS);
  const pulse = keepAlive(connection, () => active > 0, keepAliveMs);
  session.on("remoteSettings", ({ maxConcurrentStreams = Number.POSITIVE_INFINITY }) => {
    const isMore = maxConcurrentStreams > most;
    most = maxConcurrentStreams;
    if (isMore) events.free(connection);
  });
  session.once("remoteSettings", () => {
    clearTimeout(slow);
    session.setLocalWindowSize(LONGEST_MESSAGE);
    events.ready(connection);
  });
  session.on("error", (error) => {
    cause ??= error;
  });
  session.on("goaway", (code, lastStreamID) => {
    cause ??= new Error(`The peer sent GOAWAY with code ${code}.`);
    calm = code === constants.NGHTTP2_ENHANCE_YOUR_CALM;
    lastProcessed = Math.min(lastProcessed, lastStreamID);
    lose();
  });
  session.once("close", () => {
    clearTimeout(slow);
    clearInterval(pulse);
    lose();
  });
  return connection;
}

/** Pings a peer that sends nothing while calls wait, so that a lost connection does not block them. */
function keepAlive(connection: Connection, isUsed: () => boolean, everyMs: number): NodeJS.Timeout {
  const { session } = connection;
  const ping = () => {
    const silent = isUsed() && !connection.heard;
    connection.heard = false;
    if (!silent || session.connecting || session.destroyed) return;
    const late = setTimeout(() => session.destroy(new Error("The peer did not respond to a ping.")), PONG_MS);
    session.ping(() => clearTimeout(late));
  };
  return setInterval(ping, everyMs).unref();
}
