import { isKontorError } from "@kontor/errors";
import { gauge } from "@kontor/telemetry";
import { type BreakerState, createBreaker, type Lesson } from "../breaker/breaker.ts";
import { rpcErrors } from "../rpc-errors.ts";
import { isCalleeAway, isUnanswered } from "./failure.ts";

/** Runs an attempt, or refuses it while the circuit is open. */
export type Circuit = <T>(attempt: () => Promise<T>) => Promise<T>;

const SHOWN = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 } as const;
/** Short enough that a read which is retried until its deadline finds a callee that restarted. */
const LONGEST_OPEN_MS = 2_000;
const state = gauge("kontor_rpc_client_circuit_state", "0 closed, 1 half open, 2 open.", ["service", "target"]);

/**
 * Creates the circuit breaker of one callee. A callee fails when it is out of reach, silent until the deadline, or shedding.
 * What the application behind it returns is no failure of the callee, also if it is UNAVAILABLE because something further on is.
 */
export function createCircuit(service: string, target: string): Circuit {
  const show = (next: BreakerState) => state.set({ service, target }, SHOWN[next]);
  const breaker = createBreaker(show, { longestOpenMs: LONGEST_OPEN_MS });
  show("CLOSED");
  return async <T>(attempt: () => Promise<T>) => {
    const waitMs = breaker.waitMs();
    if (waitMs > 0) throw rpcErrors.CIRCUIT_OPEN({ service }, { retryAfterMs: waitMs });
    const { promise: silence, reject } = Promise.withResolvers<never>();
    const learn = breaker.begin(() =>
      reject(rpcErrors.CALLEE_UNRESPONSIVE({ service }, { retryAfterMs: breaker.waitMs() })),
    );
    try {
      const result = await Promise.race([attempt(), silence]);
      learn("success");
      return result;
    } catch (error) {
      learn(lessonOf(error));
      throw error;
    }
  };
}

function lessonOf(error: unknown): Lesson {
  if (!isKontorError(error) || error.code === "CANCELLED") return "nothing";
  if (!isCalleeAway(error)) return "success";
  if (!isUnanswered(error)) return "refusal";
  return error.code === "DEADLINE_EXCEEDED" ? "timeout" : "failure";
}
