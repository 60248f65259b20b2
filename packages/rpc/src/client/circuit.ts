import { gauge } from "@kontor/telemetry";
import { BrokenCircuitError, CircuitState, circuitBreaker, handleWhen, SamplingBreaker } from "cockatiel";
import { rpcErrors } from "../rpc-errors.ts";
import { isCalleeAway } from "./failure.ts";

/** Runs an attempt, or refuses it while the circuit is open. */
export type Circuit = <T>(attempt: () => Promise<T>) => Promise<T>;

const OPEN_MS = 2_000;
const SHOWN = {
  [CircuitState.Closed]: 0,
  [CircuitState.HalfOpen]: 1,
  [CircuitState.Open]: 2,
  [CircuitState.Isolated]: 2,
} as const;

/**
 * A circuit breaker for one callee: it opens when half of at least ten calls in ten seconds found it out of reach, too slow
 * or shedding, and after 2 s lets one call through to see. What the application behind it answers is no failure of the
 * callee, also if it is UNAVAILABLE because something further on is.
 */
export function createCircuit(service: string, target: string): Circuit {
  const breaker = circuitBreaker(handleWhen(isCalleeAway), {
    halfOpenAfter: OPEN_MS,
    breaker: new SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 1 }),
  });
  const state = gauge("kontor_rpc_client_circuit_state", "0 closed, 1 half open, 2 open.", ["service", "target"]);
  const show = (next: CircuitState) => state.set({ service, target }, SHOWN[next]);
  show(CircuitState.Closed);
  breaker.onStateChange(show);
  return async (attempt) => {
    try {
      return await breaker.execute(attempt);
    } catch (cause) {
      if (cause instanceof BrokenCircuitError)
        throw rpcErrors.CIRCUIT_OPEN({ service }, { cause, retryAfterMs: OPEN_MS });
      throw cause;
    }
  };
}
