import type { Sql } from "@kontor/postgres";
import { columns, type SagaRow } from "./row.ts";

/** Names one saga. */
export interface SagaKey {
  readonly name: string;
  readonly id: string;
}

/** Who claims, what for, and for how long. */
export interface Claimant {
  readonly owner: string;
  readonly names: readonly string[];
  readonly leaseMs: number;
}

const lease = (leaseMs: string) => `now() + ${leaseMs}::float8 * interval '1 ms'`;
// The deadline counts from the first claim: time in the line of sagas that nobody has attempted cannot reject one.
const claim = `version = s.version + 1, owner = $1, woken = false, lease_until = ${lease("$2")}, wake_at = ${lease("$2")},
  deadline_at = CASE WHEN s.version = 0 THEN now() + (s.deadline_at - s.created_at) ELSE s.deadline_at END`;

/** Rows in the line: due, and held by no engine that lives. The index sagas_due_idx serves it. */
export const inLine = `phase IN ('running', 'compensating') AND wake_at <= now() AND (lease_until IS NULL OR lease_until <= now())`;

const due = `
UPDATE sagas s SET ${claim}
FROM (
  SELECT name, id FROM sagas
  WHERE ${inLine} AND name = ANY ($3::text[])
  ORDER BY wake_at LIMIT $4 FOR UPDATE SKIP LOCKED
) d
WHERE s.name = d.name AND s.id = d.id
RETURNING ${columns}`;

const hinted = `
UPDATE sagas s SET ${claim}
FROM (
  SELECT name, id FROM sagas JOIN unnest($3::text[], $4::text[]) AS hint (name, id) USING (name, id)
  WHERE phase IN ('running', 'compensating') AND ((${inLine}) OR owner = $1)
  FOR UPDATE OF sagas SKIP LOCKED
) d
WHERE s.name = d.name AND s.id = d.id
RETURNING ${columns}`;

/** Claims up to `limit` sagas that are due, the longest due first, including those of crashed owners. */
export function claimDue(sql: Sql, who: Claimant, limit: number): Promise<SagaRow[]> {
  return sql.query<SagaRow>(due, [who.owner, who.leaseMs, who.names, limit], { name: "saga.claim-due" });
}

/** Claims the named sagas that are due or that the claimant held and lost sight of. */
export function claimHinted(sql: Sql, who: Claimant, keys: readonly SagaKey[]): Promise<SagaRow[]> {
  const values = [who.owner, who.leaseMs, keys.map((key) => key.name), keys.map((key) => key.id)];
  return sql.query<SagaRow>(hinted, values, { name: "saga.claim-hinted" });
}

/** Gives a saga back untouched, due at once. */
export async function release(sql: Sql, row: SagaRow): Promise<void> {
  await sql.query(
    `UPDATE sagas SET lease_until = NULL, owner = NULL, wake_at = now()
     WHERE name = $1 AND id = $2 AND version = $3 AND phase IN ('running', 'compensating')`,
    [row.name, row.id, row.version],
  );
}
