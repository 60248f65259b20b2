import { badHeader } from "../problems/http-error.ts";
import { say } from "../problems/text.ts";

/** Bounds of the time a call may take, in milliseconds. */
export interface DeadlineLimits {
  /** The deadline when neither the RPC nor the client sets one. Default: 15 s. */
  readonly defaultMs: number;
  /** The limit of all deadlines. Default: 10 min; always under an hour. */
  readonly capMs: number;
}

/** The bounds unless others are given. */
export const defaultDeadlineLimits: DeadlineLimits = { defaultMs: 15_000, capMs: 600_000 };

const units: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** Parses the syntax of `grpc-timeout`: at most eight digits and a unit. @throws HttpError 400 */
function parseTimeout(text: string): number {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text);
  if (match === null) {
    throw badHeader("X-Request-Timeout", say("TIMEOUT"));
  }
  return Number(match[1]) * (units[match[2] ?? ""] ?? 0);
}

/** Returns the shortest of the client's timeout, the RPC's and the configured limit. */
export function timeoutOf(wanted: string | undefined, declaredMs: number | undefined, limits: DeadlineLimits): number {
  const asked = wanted === undefined ? Number.POSITIVE_INFINITY : parseTimeout(wanted);
  return Math.min(asked, declaredMs ?? limits.defaultMs, limits.capMs, 3_599_999);
}
