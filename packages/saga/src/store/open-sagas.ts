import type { Sql } from "@kontor/postgres";
import { phaseIs, type SagaPhase } from "../definition/phases.ts";
import { statement } from "../gen/statements.ts";
import { definitionOfRow, inLine, type SagaKey } from "./queue.ts";

// While an engine runs a saga, the saga is due at the end of the lease.
const counted = (condition: string) => `
  SELECT name, definition_version, phase, count(*) AS count, extract(epoch FROM now() - min(created_at))::float8 AS age,
    extract(epoch FROM now() - min(wake_at))::float8 AS overdue
  FROM sagas WHERE ${condition} GROUP BY name, definition_version, phase`;

const OPEN = statement("saga.open", `${counted(phaseIs("active"))} UNION ALL ${counted(phaseIs("stopped"))}`, {
  prepared: false,
  columns: { "*": "sagas", count: "not null", age: "not null", overdue: "not null" },
});

/** The sagas of one definition and phase that have not ended. */
export type OpenSagas = {
  readonly name: string;
  readonly definition_version: number;
  readonly phase: SagaPhase;
  readonly count: bigint;
  /** Seconds since the oldest began. */
  readonly age: number;
  /** Seconds for which the one that is due the longest has waited for an engine; negative if none is due. */
  readonly overdue: number;
};

/** Counts the sagas that have not ended; reads only the two partial indexes. */
export function countOpen(sql: Sql): Promise<OpenSagas[]> {
  return sql.query(OPEN);
}

/** Reason in `wait_reason` of sagas that are parked because no running release has their definition. */
const DEFINITION_MISSING = "SAGA_DEFINITION_MISSING";

const PARK = statement(
  "saga.park-undefined",
  `WITH parked AS (
    UPDATE sagas s SET phase = 'parked', resume_phase = s.phase, version = s.version + 1, owner = NULL, lease_until = NULL,
      wait_reason = '${DEFINITION_MISSING}', updated_at = now(),
      last_error = '${DEFINITION_MISSING}: no running release has version ' || s.definition_version || ' of saga ' || s.name ||
        '. Deploy a release that has it; the saga then continues.'
    FROM (
      SELECT name, id FROM sagas
      WHERE ${inLine} AND wake_at < now() - $2::float8 * interval '1 ms' AND NOT (${definitionOfRow} = ANY ($1::text[]))
      ORDER BY wake_at LIMIT 1000 FOR UPDATE SKIP LOCKED
    ) d
    WHERE s.name = d.name AND s.id = d.id
    RETURNING s.name, s.id, s.definition_version, s.step, s.resume_phase, s.last_error
  ), logged AS (
    INSERT INTO saga_log (name, id, step, action, outcome, error)
    SELECT name, id, step::text, CASE resume_phase WHEN 'running' THEN 'run' ELSE 'undo' END, 'parked', last_error FROM parked
  )
  SELECT name, id, definition_version, coalesce(last_error, '') AS error FROM parked`,
);

/** A saga that was parked because its definition is missing. */
export type Undefined = SagaKey & { readonly definition_version: number; readonly error: string };

/** Parks up to 1,000 sagas that no engine has claimed for `graceMs` and whose definition is not among these. Returns them. */
export function parkUndefined(sql: Sql, definitions: readonly string[], graceMs: number): Promise<Undefined[]> {
  return sql.query(PARK, [definitions, graceMs]);
}

const ADOPT = statement(
  "saga.adopt",
  `UPDATE sagas SET phase = resume_phase, resume_phase = NULL, attempts = 0, wake_at = now(), wait_reason = NULL, last_error = NULL,
    updated_at = now()
  WHERE ${phaseIs("stopped")} AND wait_reason = '${DEFINITION_MISSING}' AND ${definitionOfRow} = ANY ($1::text[])
  RETURNING name, id`,
);

/** Resumes the sagas that were parked because the definitions were missing that these are. Returns them. */
export function adopt(sql: Sql, definitions: readonly string[]): Promise<SagaKey[]> {
  return sql.query(ADOPT, [definitions]);
}
