import type { Sql } from "@kontor/postgres";
import type { Claimant, SagaKey } from "./claims.ts";
import type { Saga } from "./definition.ts";
import { sagaErrors } from "./errors.ts";
import { columns, type SagaPhase, type SagaRow } from "./row.ts";

/** Due now, unless somebody holds it: the holder sees the request when it stores. */
const rouse = "wake_at = CASE WHEN lease_until > now() THEN wake_at ELSE now() END";

/** Inserts a saga, with the intent of its first step; held at once if a claimant is given. Undefined if it exists. */
export async function insert(
  sql: Sql,
  key: SagaKey,
  state: object,
  { deadlineMs, traceparent, holder }: { deadlineMs?: number; traceparent?: string; holder?: Claimant },
): Promise<SagaRow | undefined> {
  const [row] = await sql.query<SagaRow>(
    `INSERT INTO sagas AS s (name, id, state, deadline_at, traceparent, version, owner, lease_until, wake_at)
     VALUES ($1, $2, $3::jsonb, now() + $4::float8 * interval '1 ms', $5, CASE WHEN $6::uuid IS NULL THEN 0 ELSE 1 END, $6::uuid,
       now() + $7::float8 * interval '1 ms', coalesce(now() + $7::float8 * interval '1 ms', now()))
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
    ],
    { name: "saga.begin" },
  );
  return row;
}

/** Asks a saga to turn round. False if it is past its pivot or completed. */
export async function abort<S>(sql: Sql, saga: Saga<S>, id: string, reason: string): Promise<boolean> {
  const asked = await sql.query(
    `UPDATE sagas SET abort_reason = coalesce(abort_reason, $3), ${rouse}
     WHERE name = $1 AND id = $2 AND phase = 'running' AND step < $4 RETURNING id`,
    [saga.name, id, reason, saga.pivotIndex],
  );
  if (asked.length > 0) return true;
  const [row] = await sql.query<{ phase: SagaPhase }>(
    "SELECT coalesce(resume_phase, phase) AS phase FROM sagas WHERE name = $1 AND id = $2",
    [saga.name, id],
  );
  if (row === undefined) throw sagaErrors.SAGA_NOT_FOUND({ saga: saga.name, sagaId: id });
  return row.phase === "compensating" || row.phase === "compensated";
}

/** Ends a wait or a backoff. Nothing happens to a saga that is not running. */
export async function wake(sql: Sql, { name, id }: SagaKey): Promise<void> {
  await sql.query(
    `UPDATE sagas SET woken = true, ${rouse} WHERE name = $1 AND id = $2 AND phase = 'running'`,
    [name, id],
    { name: "saga.wake" },
  );
}
