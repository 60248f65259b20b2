import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { RetryInfoSchema } from "@kontor/contracts/google/rpc/error_details";
import type { KontorError } from "@kontor/errors";
import { CallFailure, detailsOf } from "@kontor/rpc";
import { RpcError, refusal, Status, say } from "@kontor/transcoder";
import { challengeOf } from "./policy/challenge.ts";

/** No upstream can respond now. */
export class Unreachable extends RpcError {
  constructor(waitMs: number, cause?: unknown) {
    const seconds = BigInt(Math.max(1, Math.ceil(waitMs / 1000)));
    const retry = anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: { seconds, nanos: 0 } }));
    super(Status.UNAVAILABLE, "The service cannot be reached now.", { details: [retry], cause });
  }
}

const LONGEST_WAIT_MS = 1_000;

/**
 * Returns the error that clients receive for a failed call, without the transport's text, which names addresses. A request over an
 * upstream's size limit is 413 and not 429: a repetition would fail too. Other errors are returned unchanged.
 */
export function publicError(error: unknown): unknown {
  if (!(error instanceof CallFailure)) return error;
  const { code, message, details, transport, pushBackMs = 0, local } = error;
  if (error.tooLarge) return refusal("BODY_TOO_LARGE", say("TOO_LARGE_REQUEST"), { cause: error });
  if (error.unreachable)
    return new Unreachable(local === "circuit-open" ? Math.min(LONGEST_WAIT_MS, pushBackMs) : pushBackMs, error);
  return new RpcError(code, message, { details, transport, headers: challengeIn(error), cause: error });
}

/** Returns a refusal of the gateway in the form that those of upstreams have. */
export function fromKontorError(error: KontorError, headers: Readonly<Record<string, string>> = {}): RpcError {
  const { code, details } = detailsOf(error);
  return new RpcError(code, error.message, { details, headers, cause: error });
}

/** Returns the headers that a refused token adds to the response. */
function challengeIn({ code, info }: CallFailure): Readonly<Record<string, string>> {
  const isRefusal = code === Status.UNAUTHENTICATED || code === Status.PERMISSION_DENIED;
  return isRefusal && info ? challengeOf(info) : {};
}
