import { counter, gauge } from "@kontor/telemetry";
import type { BreakerState } from "../breaker/breaker.ts";

/** How a call of an endpoint ended. */
export type EndpointOutcome = "answered" | "failed" | "cancelled";

/** The metrics of one endpoint. */
export interface EndpointMetrics {
  circuit(state: BreakerState): void;
  ended(outcome: EndpointOutcome): void;
  ejected(): void;
  /** Removes the circuit of a removed endpoint. */
  remove(): void;
}

/** The metrics of a pool. */
export interface PoolMetrics {
  of(address: string): EndpointMetrics;
  retried(outcome: "made" | "over_budget"): void;
}

const SHOWN = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 } as const;

/**
 * Creates the metrics of pools. Names start with `prefix`; series of an endpoint have its address as `label`, next to the `fixed`
 * labels. Names are public: dashboards and alerts use them.
 */
export function poolMetrics(
  prefix: string,
  label: "endpoint" | "target",
  fixed: { readonly service?: string } = {},
): PoolMetrics {
  const names = [...(Object.keys(fixed) as "service"[]), label];
  const circuit = gauge(`${prefix}_circuit_state`, "0 closed, 1 half open, 2 open.", names);
  const ended = counter(`${prefix}_endpoint_calls_total`, "Calls of an endpoint that ended.", [...names, "outcome"]);
  const ejections = counter(`${prefix}_ejections_total`, "Endpoints ejected for a time because they failed.", names);
  const retries = counter(`${prefix}_retries_total`, "Retries that were made, or refused by the budget.", ["outcome"]);
  return {
    of(address) {
      const labels = { ...fixed, [label]: address };
      const ofOutcome = (outcome: EndpointOutcome) => ended.labels({ ...labels, outcome });
      const counters = {
        answered: ofOutcome("answered"),
        failed: ofOutcome("failed"),
        cancelled: ofOutcome("cancelled"),
      };
      return {
        circuit: (state) => circuit.set(labels, SHOWN[state]),
        ended: (outcome) => counters[outcome].inc(),
        ejected: () => ejections.inc(labels),
        remove: () => circuit.remove(labels),
      };
    },
    retried: (outcome) => retries.inc({ outcome }),
  };
}
