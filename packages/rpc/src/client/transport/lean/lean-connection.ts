import { type ClientConnection, connectHttp2 } from "@kontor/http2";
import { HEADER } from "../../../headers.ts";
import { LONGEST_MESSAGE } from "../unary/failure.ts";
import type { ConnectionEvents, UnaryConnection } from "../unary/queued-channel.ts";

/** A connection of our own HTTP/2. */
export interface LeanConnection extends UnaryConnection {
  readonly http2: ClientConnection;
  readonly authority: string;
}

/** Shorter than deadlines: an address that drops packets, such as a new pod's, delays a call by this time instead of until its deadline. */
const CONNECT_MS = 2_000;
const PONG_MS = 5_000;

/** The metadata that repeats from call to call, and that of which only the name does. */
const indexed = {
  [HEADER.serviceToken]: "value",
  [HEADER.requestId]: "name",
  [HEADER.traceparent]: "name",
  [HEADER.tracestate]: "name",
} as const;

/** Connects to `host:port` without TLS. */
export function connectLean(
  authority: string,
  keepAliveMs: number,
  events: ConnectionEvents<LeanConnection>,
): LeanConnection {
  const { hostname, port } = new URL(`http://${authority}`);
  const http2 = connectHttp2(
    {
      host: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port || 80),
      maxMessageBytes: LONGEST_MESSAGE,
      connectMs: CONNECT_MS,
      keepAliveMs,
      keepAliveTimeoutMs: PONG_MS,
      indexed,
    },
    {
      onReady: () => events.ready(connection),
      onFree: () => events.free(connection),
      onLost: (cause, calm) => events.lost(connection, cause, calm),
    },
  );
  const connection: LeanConnection = {
    http2,
    authority,
    get isFull() {
      return http2.isFull;
    },
    get isOver() {
      return http2.isLost;
    },
    close: () => (http2.isReady ? http2.close() : http2.link.destroy()),
  };
  return connection;
}
