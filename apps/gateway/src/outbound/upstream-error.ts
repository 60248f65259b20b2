import { create } from "@bufbuild/protobuf";
import { type Any, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { ErrorInfoSchema, RetryInfoSchema } from "@kontor/contracts/google/rpc/error_details";
import { rpcErrors } from "@kontor/rpc";
import { RpcError, Status } from "@kontor/transcoder";
import { challengeOf } from "../policy/challenge.ts";

/** What our own side says of calls that no upstream has begun to work on; RST_STREAM 7 is REFUSED_STREAM (RFC 9113, section 8.7). */
const unsent =
  /No connection established|No addresses resolved|The channel is closed|RST_STREAM with code 7$|Stream refused|REFUSED_STREAM/;

/** A call that failed, with what decides on asking again. */
export class UpstreamError extends RpcError {
  /** Whether an upstream said this. */
  readonly answered: boolean;
  /** Whether a response had begun. */
  readonly began: boolean;
  /** When the upstream wants to be asked again, in milliseconds from now; negative for never. */
  readonly pushBackMs: number | undefined;
  /** Whether the call would have been repeated, had there been budget for it. */
  overBudget = false;

  constructor(
    code: number,
    message: string,
    init: {
      details: readonly Any[];
      transport: boolean;
      answered: boolean;
      began: boolean;
      pushBackMs: number | undefined;
      cause: unknown;
    },
  ) {
    super(code, message, { ...init, headers: challengeIn(code, init.details) });
    this.answered = init.answered;
    this.began = init.began;
    this.pushBackMs = init.pushBackMs;
  }

  /** Whether no upstream has begun to work on the call: it may be repeated whatever it does. */
  get unsent(): boolean {
    return this.unreachable && unsent.test(this.message);
  }

  /** Whether the call found no upstream, or lost it. */
  get unreachable(): boolean {
    return !this.answered && this.code === Status.UNAVAILABLE;
  }
}

/** No upstream can answer now. */
export class Unreachable extends RpcError {
  constructor(waitMs: number, cause?: unknown) {
    const seconds = BigInt(Math.max(1, Math.ceil(waitMs / 1000)));
    const retry = anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: { seconds, nanos: 0 } }));
    super(Status.UNAVAILABLE, "The service cannot be reached now.", { details: [retry], cause });
  }
}

/** What `grpc-retry-pushback-ms` or, without it, RetryInfo says. What cannot be read means never, as gRFC A6 has it. */
export function pushBackOf(trailer: string | undefined, details: readonly Any[]): number | undefined {
  if (trailer !== undefined) return /^\d{1,9}$/.test(trailer) ? Number(trailer) : -1;
  for (const any of details) {
    const delay = unpacked(any, RetryInfoSchema)?.retryDelay;
    if (delay) return Number(delay.seconds) * 1000 + delay.nanos / 1e6;
  }
  return undefined;
}

/** Retried often enough by the upstream itself. */
const hopeless: ReadonlySet<string> = new Set([rpcErrors.CIRCUIT_OPEN.reason, rpcErrors.DEPENDENCY_UNAVAILABLE.reason]);
/** Said by any upstream, of itself: a retry of ours adds to the load, so the client is told when to come back. */
const overloaded = rpcErrors.OVERLOADED.reason;

/** Whether the same call, made again, may fare better. */
export function isWorthRetrying(error: unknown): error is UpstreamError {
  if (!(error instanceof UpstreamError) || error.code !== Status.UNAVAILABLE) return false;
  if (error.began || (error.pushBackMs ?? 0) < 0) return false;
  return !error.details.some((any) => {
    const info = unpacked(any, ErrorInfoSchema);
    return info?.reason === overloaded || (info?.domain === rpcErrors.OVERLOADED.domain && hopeless.has(info.reason));
  });
}

/** Whether an upstream refused a call because of a line of its own work, and named the time until it is worth repeating. */
export function isOverload(error: unknown): error is UpstreamError {
  if (!(error instanceof UpstreamError) || !error.answered || !((error.pushBackMs ?? 0) > 0)) return false;
  // A server's limit of calls in flight is another one: it may be free again within a millisecond.
  return error.details.some((any) => {
    const info = unpacked(any, ErrorInfoSchema);
    return info?.reason === overloaded && info.domain !== rpcErrors.OVERLOADED.domain;
  });
}

/** Returns the headers that a refused token adds to the response. */
function challengeIn(code: number, details: readonly Any[]): Readonly<Record<string, string>> {
  if (code !== Status.UNAUTHENTICATED && code !== Status.PERMISSION_DENIED) return {};
  for (const any of details) {
    const info = unpacked(any, ErrorInfoSchema);
    if (info) return challengeOf(info);
  }
  return {};
}

function unpacked<S extends typeof RetryInfoSchema | typeof ErrorInfoSchema>(any: Any, schema: S) {
  try {
    return anyUnpack<S>(any, schema);
  } catch {
    return undefined;
  }
}
