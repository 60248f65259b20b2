import { status as Status } from "@grpc/grpc-js";
import type { Lesson } from "../../breaker/breaker.ts";
import { rpcErrors } from "../../rpc-errors.ts";
import { CallFailure } from "../call-failure.ts";
import type { OutgoingCall } from "../transport/outgoing-call.ts";

/**
 * The meaning of a callee's status. `any`: each status shows that the callee responds. `explained`: a status without details comes from a
 * proxy in front of the callee; a server of this package that refuses a call before it processes it is overloaded.
 */
export type TrustedStatuses = "any" | "explained";

const TURNED_AWAY: ReadonlySet<string> = new Set([
  rpcErrors.OVERLOADED.reason,
  rpcErrors.SHUTTING_DOWN.reason,
  rpcErrors.DEADLINE_EXCEEDED.reason,
]);

/** Returns what a failed call shows of its endpoint. A deadline that the client of a gateway chose shows nothing. */
export function lessonOf(error: unknown, { impatient }: OutgoingCall, trusted: TrustedStatuses): Lesson {
  if (!(error instanceof CallFailure) || error.local !== undefined) return "nothing";
  const isTimeout = error.code === Status.DEADLINE_EXCEEDED;
  if (error.answered) {
    if (trusted === "any" || (error.code !== Status.UNAVAILABLE && !isTimeout)) return "success";
    const { info } = error;
    if (info === undefined) return isTimeout ? "timeout" : "failure";
    return info.domain === rpcErrors.OVERLOADED.domain && TURNED_AWAY.has(info.reason) ? "refusal" : "success";
  }
  if (isTimeout) return impatient ? "nothing" : "timeout";
  return error.code === Status.UNAVAILABLE || error.transport ? "failure" : "nothing";
}

const FAULTS: ReadonlySet<number> = new Set([
  Status.UNKNOWN,
  Status.INTERNAL,
  Status.UNAVAILABLE,
  Status.DATA_LOSS,
  Status.DEADLINE_EXCEEDED,
]);

/** Returns whether a failure counts against the endpoint when its peers do not fail the same way. */
export function isFault(error: unknown): boolean {
  return error instanceof CallFailure && FAULTS.has(error.code);
}
