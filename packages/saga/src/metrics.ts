import type { Sql } from "@kontor/postgres";
import { counter, gauge, histogram } from "@kontor/telemetry";

const phases = gauge("kontor_sagas", "Sagas that have not ended, by phase.", ["saga", "phase"]);
const parked = gauge("kontor_sagas_parked", "Sagas that stopped and wait for an operator. Alerts above 0.", ["saga"]);

const oldest = gauge("kontor_saga_oldest_seconds", "Age of the oldest saga that has not ended and is not parked.", [
  "saga",
]);
const overdue = gauge("kontor_saga_overdue_seconds", "How long the saga that is due the longest waits for an engine.", [
  "saga",
]);

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

type PhaseRow = { name: string; phase: string; count: bigint; age: number; overdue: number };

/** Counts the sagas that have not ended; reads only the two partial indexes. */
export async function measurePhases(sql: Sql, names: readonly string[]): Promise<void> {
  const rows = await sql.query<PhaseRow>(
    `${counted("phase IN ('running', 'compensating')")} UNION ALL ${counted("phase = 'parked'")}`,
  );
  for (const name of names) {
    const mine = rows.filter((row) => row.name === name);
    const count = (phase: string) => Number(mine.find((row) => row.phase === phase)?.count ?? 0);
    for (const phase of ["running", "compensating", "parked"]) phases.set({ saga: name, phase }, count(phase));
    parked.set({ saga: name }, count("parked"));
    const open = mine.filter(({ phase }) => phase !== "parked");
    oldest.set({ saga: name }, Math.max(0, ...open.map(({ age }) => age)));
    overdue.set({ saga: name }, Math.max(0, ...open.map((row) => row.overdue)));
  }
}

/** Returns the query of a count. While an engine runs a saga, the saga is due at the end of the lease. */
function counted(condition: string): string {
  return `SELECT name, phase, count(*) AS count, extract(epoch FROM now() - min(created_at))::float8 AS age,
    extract(epoch FROM now() - min(wake_at))::float8 AS overdue FROM sagas WHERE ${condition} GROUP BY name, phase`;
}
