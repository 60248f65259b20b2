import type { Sql } from "@kontor/postgres";
import { counter, gauge, histogram } from "@kontor/telemetry";

const phases = gauge("kontor_sagas", "Sagas that have not ended, by phase.", ["saga", "phase"]);
const parked = gauge("kontor_sagas_parked", "Sagas that stopped and wait for an operator. Alerts above 0.", ["saga"]);

/** Seconds each attempt took: action `run` or `undo`; outcome as in `saga_log`. */
export const stepSeconds = histogram("kontor_saga_step_duration_seconds", "Duration of saga step attempts.", [
  "saga",
  "step",
  "action",
  "outcome",
]);

/** Attempts that will be repeated. */
export const retries = counter("kontor_saga_retries_total", "Saga step attempts that are tried again.", [
  "saga",
  "step",
  "action",
]);

/** Sagas that ended, by phase. */
export const ended = counter("kontor_sagas_ended_total", "Sagas that ended.", ["saga", "phase"]);

/** Counts what has not ended; reads nothing but the two partial indexes. */
export async function measurePhases(sql: Sql, names: readonly string[]): Promise<void> {
  const rows = await sql.query<{ name: string; phase: string; count: bigint }>(
    `SELECT name, phase, count(*) AS count FROM sagas WHERE phase IN ('running', 'compensating') GROUP BY name, phase
     UNION ALL SELECT name, phase, count(*) FROM sagas WHERE phase = 'parked' GROUP BY name, phase`,
  );
  for (const name of names) {
    for (const phase of ["running", "compensating", "parked"]) {
      const count = Number(rows.find((row) => row.name === name && row.phase === phase)?.count ?? 0);
      phases.set({ saga: name, phase }, count);
      if (phase === "parked") parked.set({ saga: name }, count);
    }
  }
}
