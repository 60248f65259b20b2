import { type ClientHttp2Session, connect, constants } from "node:http2";
import { LONGEST_MESSAGE } from "./message-buffer.ts";

/** An HTTP/2 connection. */
export interface Connection {
  readonly session: ClientHttp2Session;
  readonly authority: string;
  /** Whether the peer allows no more streams for now. */
  readonly isFull: boolean;
  /** Whether it takes no more calls at all. It tells so, but perhaps too late for one of them. */
  readonly isOver: boolean;
  /** Counts a stream that begins. */
  enter(): void;
  /** Counts a stream that has ended. */
  leave(): void;
  /** Whether the peer was heard of since somebody last set it to false. */
  heard: boolean;
  /** The last stream that the peer works on, once it says that it takes no more of them. */
  readonly lastProcessed: number;
  /** Takes no more calls, and ends with the last one. */
  close(): void;
}

/** What a connection tells of itself. */
export interface ConnectionEvents {
  /** It can take calls: the peer has said that it speaks HTTP/2. */
  ready(connection: Connection): void;
  /** A stream has ended, or the peer allows more of them. */
  free(connection: Connection): void;
  /** It takes no more calls, if it ever did. Told once. `calm` says that the peer was asked too often whether it lives. */
  lost(connection: Connection, cause: unknown, calm: boolean): void;
}

/** Shorter than deadlines: what a new pod is not let through to yet costs a call this long, not its whole time. */
const CONNECT_MS = 2_000;
const PONG_MS = 5_000;
/** A client has 2^30 streams on a connection. */
const MOST_STREAMS = 2 ** 30 - 2 ** 16;
const STREAM_WINDOW = 1024 * 1024;

/** Connects to `host:port` without TLS. */
export function openConnection(authority: string, keepAliveMs: number, events: ConnectionEvents): Connection {
  const session = connect(`http://${authority}`, {
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
    maxSessionMemory: Number.MAX_SAFE_INTEGER, // What is in memory is bounded by the calls in flight.
  });
  let cause: unknown;
  let calm = false;
  let told = false;
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
    if (told) return;
    told = true;
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
    cause ??= new Error(`The peer says GOAWAY with code ${code}.`);
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

/** Asks after a peer that is silent while calls wait, so that a connection that died without a word does not hold them. */
function keepAlive(connection: Connection, isUsed: () => boolean, everyMs: number): NodeJS.Timeout {
  const { session } = connection;
  const ask = () => {
    const silent = isUsed() && !connection.heard;
    connection.heard = false;
    if (!silent || session.connecting || session.destroyed) return;
    const late = setTimeout(() => session.destroy(new Error("The peer answers no ping.")), PONG_MS);
    session.ping(() => clearTimeout(late));
  };
  return setInterval(ask, everyMs).unref();
}
