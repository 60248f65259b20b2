import { counter, histogram } from "@kontor/telemetry";

/** Seconds per attempt: action `run` or `undo`; outcome as in `saga_log`. */
export const stepSeconds = histogram("kontor_saga_step_duration_seconds", "Duration of saga step attempts.", [
  "saga",
  "step",
  "action",
  "outcome",
]);

/** Attempts that are retried. */
export const retries = counter("kontor_saga_retries_total", "Saga step attempts that are tried again.", [
  "saga",
  "step",
  "action",
]);

/** Sagas that ended, by phase. */
export const ended = counter("kontor_sagas_ended_total", "Sagas that ended.", ["saga", "phase"]);
