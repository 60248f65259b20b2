import type { Sql } from "@kontor/postgres";
import type { Saga } from "../definition/definition.ts";
import { sagaErrors } from "../errors.ts";
import { type Claimant, inLine, type SagaKey } from "./queue.ts";
import { columns, type SagaPhase, type SagaRow } from "./row.ts";

/** Due now, unless an engine holds the saga: the holder reads the request when it stores. */
const makeDue = "wake_at = CASE WHEN lease_until > now() THEN wake_at ELSE now() END";

/**
 * Inserts a saga, with the intent of its first step; claimed at once if a claimant is given and no other saga of the claimant's
 * names is in the queue. Resolves to undefined if it exists.
 */
export async function insert(
  sql: Sql,
  key: SagaKey,
  state: object,
  { deadlineMs, traceparent, holder }: { deadlineMs?: number; traceparent?: string; holder?: Claimant },
): Promise<SagaRow | undefined> {
  const [row] = await sql.query<SagaRow>(
    `WITH holder AS (
       SELECT $6::uuid AS owner, now() + $7::float8 * interval '1 ms' AS lease_until
       WHERE $6::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM sagas WHERE ${inLine} AND name = ANY ($8::text[]))
     )
     INSERT INTO sagas AS s (name, id, state, deadline_at, traceparent, version, owner, lease_until, wake_at)
     SELECT $1, $2, $3::jsonb, now() + $4::float8 * interval '1 ms', $5, CASE WHEN owner IS NULL THEN 0 ELSE 1 END, owner,
       lease_until, coalesce(lease_until, now())
     FROM (SELECT) one LEFT JOIN holder ON true
     ON CONFLICT (name, id) DO NOTHING
     RETURNING ${columns}`,
    [
      key.name,
      key.id,
      JSON.stringify(state),
      deadlineMs ?? null,
      traceparent ?? null,
      holder?.owner ?? null,
      holder?.leaseMs ?? null,
      holder?.names ?? [],
    ],
    { name: "saga.begin" },
  );
  return row;
}

/** Requests a saga's compensation. Returns false if it is past its pivot or completed. */
export async function abort<S>(sql: Sql, saga: Saga<S>, id: string, reason: string): Promise<boolean> {
  const aborted = await sql.query(
    `UPDATE sagas SET abort_reason = coalesce(abort_reason, $3), ${makeDue}
     WHERE name = $1 AND id = $2 AND phase = 'running' AND step < $4 RETURNING id`,
    [saga.name, id, reason, saga.pivotIndex],
  );
  if (aborted.length > 0) return true;
  const [row] = await sql.query<{ phase: SagaPhase }>(
    "SELECT coalesce(resume_phase, phase) AS phase FROM sagas WHERE name = $1 AND id = $2",
    [saga.name, id],
  );
  if (row === undefined) throw sagaErrors.SAGA_NOT_FOUND({ saga: saga.name, sagaId: id });
  return row.phase === "compensating" || row.phase === "compensated";
}

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
  const [row] = await sql.query<{ phase: SagaPhase }>(
    "SELECT phase FROM sagas WHERE name = $1 AND id = $2",
    [name, id],
    {
      name: "saga.phase",
    },
  );
  return row?.phase;
}

/** Ends a wait or a backoff; with `step`, only of that step. Resolves to false, and changes nothing, unless the saga is running. */
export async function wake(sql: Sql, { name, id }: SagaKey, step?: number): Promise<boolean> {
  const woken = await sql.query(
    `UPDATE sagas SET woken = true, ${makeDue}
     WHERE name = $1 AND id = $2 AND phase = 'running' AND step = coalesce($3::int, step) RETURNING 1`,
    [name, id, step ?? null],
    { name: "saga.wake" },
  );
  return woken.length > 0;
}
