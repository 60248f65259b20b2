import type { ServiceError } from "@grpc/grpc-js";
import { isKontorError, type KontorError } from "@kontor/errors";
import { rpcErrors } from "../rpc-errors.ts";
import { fromStatus, isDetailed } from "../status.ts";

const unanswered = new WeakSet<object>();
const unsent = new WeakSet<object>();
/** What the library says by itself of calls that no server has begun to work on. */
const UNSENT =
  /No connection established|No addresses resolved|Name resolution failed|Stream refused by server|NGHTTP2_REFUSED_STREAM/;
const SHEDDING: ReadonlySet<string> = new Set([
  rpcErrors.OVERLOADED.reason,
  rpcErrors.SHUTTING_DOWN.reason,
  rpcErrors.DEADLINE_EXCEEDED.reason,
]);

/** What a failed call throws: why we cancelled it, if we did, else what the callee said. */
export function failure(error: ServiceError | Error | null, signal: AbortSignal | undefined): KontorError {
  if (signal?.aborted) return abortError(signal);
  // Without a status it is the reader's end of a stream that was closed, not the callee's.
  if (!error || !("metadata" in error)) return rpcErrors.CANCELLED({ cause: error });
  const failed = fromStatus(error);
  if (isDetailed(error)) return failed;
  unanswered.add(failed);
  // What a server ends a call with is never without an entry, what the library makes up always is.
  const isOurs = Object.keys(error.metadata.getMap()).length === 0;
  if (isOurs && failed.code === "UNAVAILABLE" && UNSENT.test(failed.message)) unsent.add(failed);
  return failed;
}

/** Whether no server has begun to work on the call, so that it may be repeated whatever it does (RFC 9113, section 8.7). */
export function isUnsent(error: object): boolean {
  return unsent.has(error);
}

/** Returns whether the callee sent no response to the call: it was out of reach, or silent until the deadline. */
export function isUnanswered(error: object): boolean {
  return unanswered.has(error);
}

/** Returns whether the connection or the stream of the call was reset before a response. The callee may have done the work. */
export function isReset(error: KontorError): boolean {
  return unanswered.has(error) && (error.code === "INTERNAL" || error.code === "CANCELLED" || error.code === "UNKNOWN");
}

/** Why a call was cancelled on our side. */
export function abortError({ reason }: AbortSignal): KontorError {
  return isKontorError(reason) ? reason : rpcErrors.CANCELLED({ cause: reason });
}

/**
 * Whether the callee could not be reached, did not answer in time, or turned the call away before any work was done on it.
 * What an application answers is none of these, whatever its code.
 */
export function isCalleeAway(error: unknown): boolean {
  if (!isKontorError(error) || (error.code !== "UNAVAILABLE" && error.code !== "DEADLINE_EXCEEDED")) return false;
  return unanswered.has(error) || (error.domain === rpcErrors.OVERLOADED.domain && SHEDDING.has(error.reason));
}
