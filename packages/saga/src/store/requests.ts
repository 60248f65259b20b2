import type { Sql } from "@kontor/postgres";
import type { Saga } from "../definition/definition.ts";
import type { SagaPhase } from "../definition/phases.ts";
import { sagaErrors } from "../errors.ts";
import { statement } from "../gen/statements.ts";
import type { SagaRow } from "./queue.ts";
import { type Claimant, definitionOfRow, inLine, type SagaKey } from "./queue.ts";
import { columns, ROW } from "./row.ts";

/** Due now, unless an engine holds the saga: the holder reads the request when it stores. */
const makeDue = "wake_at = CASE WHEN lease_until > now() THEN wake_at ELSE now() END";

const BEGIN = statement(
  "saga.begin",
  `WITH holder AS (
       SELECT $6::uuid AS owner, now() + $7::float8 * interval '1 ms' AS lease_until
       WHERE $6::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM sagas WHERE ${inLine} AND ${definitionOfRow} = ANY ($8::text[]))
     )
     INSERT INTO sagas AS s (name, id, state, deadline_at, traceparent, version, owner, lease_until, wake_at,
       definition_version, pivot)
     SELECT $1, $2, $3::jsonb, now() + $4::float8 * interval '1 ms', $5, CASE WHEN owner IS NULL THEN 0 ELSE 1 END, owner,
       lease_until, coalesce(lease_until, now()), $9, $10
     FROM (SELECT) one LEFT JOIN holder ON true
     ON CONFLICT (name, id) DO NOTHING
     RETURNING ${columns}`,
  { columns: ROW },
);

/**
 * Inserts a saga of this definition, with the intent of its first step; claimed at once if a claimant is given and no other saga
 * of the claimant's definitions is in the queue. Resolves to undefined if it exists.
 */
export async function insert<S>(
  sql: Sql,
  saga: Saga<S>,
  id: string,
  state: object,
  { traceparent, holder }: { traceparent?: string; holder?: Claimant },
): Promise<SagaRow | undefined> {
  const [row] = await sql.query(BEGIN, [
    saga.name,
    id,
    JSON.stringify(state),
    saga.deadlineMs ?? null,
    traceparent ?? null,
    holder?.owner ?? null,
    holder?.leaseMs ?? null,
    holder?.definitions ?? [],
    saga.version,
    saga.pivotIndex,
  ]);
  return row;
}

const ABORT = statement(
  "saga.abort",
  `UPDATE sagas SET abort_reason = coalesce(abort_reason, $3), ${makeDue}
     WHERE name = $1 AND id = $2 AND phase = 'running' AND step < coalesce(pivot, $4) RETURNING id`,
  { prepared: false },
);

const PHASE_BEFORE = statement(
  "saga.phase-before-parked",
  "SELECT coalesce(resume_phase, phase) AS phase FROM sagas WHERE name = $1 AND id = $2",
  { prepared: false, columns: { phase: "sagas.phase" } },
);

/**
 * Requests a saga's compensation. Returns false if it is past its pivot or completed. The row knows its pivot, whatever definitions
 * this release has; rows that were begun before it did are of the first version in `versions`.
 */
export async function abort<S>(
  sql: Sql,
  { name, id }: SagaKey,
  versions: readonly Saga<S>[],
  reason: string,
): Promise<boolean> {
  const first = versions.find(({ version }) => version === 1);
  const aborted = await sql.query(ABORT, [name, id, reason, first?.pivotIndex ?? 0]);
  if (aborted.length > 0) return true;
  const [row] = await sql.query(PHASE_BEFORE, [name, id]);
  if (row === undefined) throw sagaErrors.SAGA_NOT_FOUND({ saga: name, sagaId: id });
  return row.phase === "compensating" || row.phase === "compensated";
}

const PHASE = statement("saga.phase", "SELECT phase FROM sagas WHERE name = $1 AND id = $2");

/**
 * Returns the phase of a saga; undefined if it was never begun.
 *
 * ```ts
 * import { openDatabase } from "@kontor/postgres";
 * const db = openDatabase({ url: "postgresql://orders_run@localhost/orders", service: "orders" });
 * if ((await readPhase(db, "orders.checkout.v1", "o-1")) === "parked") console.log("An operator must decide.");
 * ```
 */
export async function readPhase(sql: Sql, name: string, id: string): Promise<SagaPhase | undefined> {
  const [row] = await sql.query(PHASE, [name, id]);
  return row?.phase;
}

/** Where each version of a saga has a step; -1 where it has none. */
export type StepPlaces = readonly { readonly version: number; readonly step: number }[];

const WAKE = statement(
  "saga.wake",
  `UPDATE sagas SET woken = true, ${makeDue}
     WHERE name = $1 AND id = $2 AND phase = 'running'
       AND ($3::int[] IS NULL OR definition_version <> ALL ($3) OR (definition_version, step) IN (SELECT * FROM unnest($3, $4::int[])))
     RETURNING 1`,
);

/**
 * Ends a wait or a backoff; with `places`, only of that step. Resolves to false, and changes nothing, unless the saga is running.
 * A saga of a version that `places` lacks is woken whatever its step: a wake that comes too early costs one attempt.
 */
export async function wake(sql: Sql, { name, id }: SagaKey, places?: StepPlaces): Promise<boolean> {
  const woken = await sql.query(WAKE, [
    name,
    id,
    places?.map(({ version }) => version) ?? null,
    places?.map(({ step }) => step) ?? null,
  ]);
  return woken.length > 0;
}
