import type { ChannelOptions } from "@grpc/grpc-js";

/** How much a server takes on. */
export interface ServerLimits {
  /** Unary calls answered at once; more are refused with UNAVAILABLE and a pause. Default 512. */
  readonly maxInFlight: number;
  /** Streams answered at once. Default 1024. */
  readonly maxStreams: number;
  /** Streams of HTTP/2 per connection. Default 1024. */
  readonly maxConcurrentStreams: number;
  /** Largest request in bytes. Default 8 MiB: a body of 4 MiB, which the gateway lets in, with what is wrapped around it. */
  readonly maxReceiveBytes: number;
  /**
   * Connections older than this, in milliseconds and give or take a tenth, get no more calls: their clients look for addresses
   * again, so that new replicas get their share. Calls in flight finish. Default: never.
   */
  readonly maxConnectionAgeMs?: number;
}

/** The default limits of a server. */
export const DEFAULT_LIMITS: ServerLimits = {
  maxInFlight: 512,
  maxStreams: 1024,
  maxConcurrentStreams: 1024,
  maxReceiveBytes: 8 * 1024 * 1024,
};

/**
 * Returns the limits of a port as grpc-js names them: the greatest of several owners, of ages the least. The library has no cap on
 * streams and session memory of its own.
 */
export function serverOptions(limits: readonly ServerLimits[]): ChannelOptions {
  const most = (of: "maxConcurrentStreams" | "maxReceiveBytes") => Math.max(...limits.map((each) => each[of]));
  const ages = limits.flatMap(({ maxConnectionAgeMs }) => maxConnectionAgeMs || []);
  return {
    "grpc.max_concurrent_streams": most("maxConcurrentStreams"),
    "grpc.max_receive_message_length": most("maxReceiveBytes"),
    "grpc-node.max_session_memory": 64,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    ...(ages.length > 0 && { "grpc.max_connection_age_ms": Math.min(...ages) }),
  };
}
