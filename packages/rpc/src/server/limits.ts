/** How much a server takes on. */
export interface ServerLimits {
  /** The most unary calls in progress; more are refused with UNAVAILABLE and a pause. Default: 512. */
  readonly maxInFlight: number;
  /** The most streams in progress. Default: 1024. */
  readonly maxStreams: number;
  /** Streams of HTTP/2 per connection. Default 1024. */
  readonly maxConcurrentStreams: number;
  /** The largest request in bytes. Default: 8 MiB, which fits a body of 4 MiB, the gateway's limit, with its envelope. */
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

/** How often a silent client is pinged, and how long it may take to respond, in milliseconds. */
export const KEEPALIVE_MS = 30_000;
export const KEEPALIVE_TIMEOUT_MS = 10_000;

/** Returns the limits of a port that several owners share: the greatest of theirs, of ages the least. */
export function portLimits(limits: readonly ServerLimits[]): ServerLimits {
  const most = (of: Exclude<keyof ServerLimits, "maxConnectionAgeMs">) => Math.max(...limits.map((each) => each[of]));
  const ages = limits.flatMap(({ maxConnectionAgeMs }) => maxConnectionAgeMs || []);
  return {
    maxInFlight: most("maxInFlight"),
    maxStreams: most("maxStreams"),
    maxConcurrentStreams: most("maxConcurrentStreams"),
    maxReceiveBytes: most("maxReceiveBytes"),
    ...(ages.length > 0 && { maxConnectionAgeMs: Math.min(...ages) }),
  };
}
