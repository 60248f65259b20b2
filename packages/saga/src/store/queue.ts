import type { RowOf, Sql } from "@kontor/postgres";
import { phaseIs } from "../definition/phases.ts";
import { statement } from "../gen/statements.ts";
import { columns, ROW } from "./row.ts";

/** Names one saga. */
export interface SagaKey {
  readonly name: string;
  readonly id: string;
}

/** A claiming engine: its id, the definitions it runs as `<name>/<version>`, and the length of its leases. */
export interface Claimant {
  readonly owner: string;
  readonly definitions: readonly string[];
  readonly leaseMs: number;
}

const lease = (leaseMs: string) => `now() + ${leaseMs}::float8 * interval '1 ms'`;
// The deadline counts from the first claim: the waiting time of a saga that was never attempted cannot reject it.
const claim = `version = s.version + 1, owner = $1, woken = false, lease_until = ${lease("$2")}, wake_at = ${lease("$2")},
  deadline_at = CASE WHEN s.version = 0 THEN now() + (s.deadline_at - s.created_at) ELSE s.deadline_at END`;

/** SQL of the definition that a row began with, as `<name>/<version>`. */
export const definitionOfRow = "(name || '/' || definition_version)";

/** Condition of queued rows: due, and without a valid lease. The index sagas_due_idx serves it. */
export const inLine = `${phaseIs("active")} AND wake_at <= now() AND (lease_until IS NULL OR lease_until <= now())`;

const DUE = statement(
  "saga.claim-due",
  `UPDATE sagas s SET ${claim}
FROM (
  SELECT name, id FROM sagas
  WHERE ${inLine} AND ${definitionOfRow} = ANY ($3::text[])
  ORDER BY wake_at LIMIT $4 FOR UPDATE SKIP LOCKED
) d
WHERE s.name = d.name AND s.id = d.id
RETURNING ${columns}`,
  { columns: ROW },
);

/** A saga as its holder reads it. It is not `leased` once it sleeps or has ended: its holder releases it. */
export type SagaRow = RowOf<typeof DUE>;

const HINTED = statement(
  "saga.claim-hinted",
  `UPDATE sagas s SET ${claim}
FROM (
  SELECT name, id FROM sagas JOIN unnest($3::text[], $4::text[]) AS hint (name, id) USING (name, id)
  WHERE ${phaseIs("active")} AND ((${inLine}) OR owner = $1) AND ${definitionOfRow} = ANY ($5::text[])
  FOR UPDATE OF sagas SKIP LOCKED
) d
WHERE s.name = d.name AND s.id = d.id
RETURNING ${columns}`,
  { columns: ROW },
);

/** Claims up to `limit` sagas that are due, the longest due first, including those of crashed owners. */
export function claimDue(sql: Sql, claimant: Claimant, limit: number): Promise<SagaRow[]> {
  return sql.query(DUE, [claimant.owner, claimant.leaseMs, claimant.definitions, limit]);
}

/** Claims the named sagas that are due, or that this claimant already holds. */
export function claimHinted(sql: Sql, claimant: Claimant, keys: readonly SagaKey[]): Promise<SagaRow[]> {
  const { owner, leaseMs, definitions } = claimant;
  const names = keys.map(({ name }) => name);
  return sql.query(HINTED, [owner, leaseMs, names, keys.map(({ id }) => id), definitions]);
}

const NEXT_DUE = statement(
  "saga.next-due",
  `SELECT extract(epoch FROM min(wake_at) - now())::float8 * 1000 AS due_ms FROM sagas WHERE ${phaseIs("active")} AND wake_at > now()`,
);

/** Returns the milliseconds until the next saga comes due, or the next lease ends; undefined if there is none. */
export async function nextDueMs(sql: Sql): Promise<number | undefined> {
  const [row] = await sql.query(NEXT_DUE);
  return row?.due_ms ?? undefined;
}

const RELEASE = statement(
  "saga.release",
  `UPDATE sagas SET lease_until = NULL, owner = NULL, wake_at = now()
     WHERE name = $1 AND id = $2 AND version = $3 AND ${phaseIs("active")}`,
  { prepared: false },
);

/** Releases a saga unchanged; it is due at once. */
export async function release(sql: Sql, row: SagaRow): Promise<void> {
  await sql.query(RELEASE, [row.name, row.id, row.version]);
}

/** The queue of one kind of saga: those that are due and that no engine has claimed. All engines of a database read the same. */
export interface Backlog {
  /** Sagas that are due and that no engine has claimed. */
  readonly waiting: number;
  /** Milliseconds since the saga that is due the longest came due; 0 if none waits. */
  readonly oldestMs: number;
  /** Sagas that ended per second, over the last five seconds. */
  readonly endedPerSecond: number;
}

/** The largest count. It suffices to tell that a queue is too long; counting further costs time. */
const MOST_COUNTED = 10_000;
const WINDOW_S = 5;

const BACKLOG = statement(
  "saga.backlog",
  `SELECT count(*)::int AS waiting, coalesce(extract(epoch FROM now() - min(wake_at)), 0)::float8 * 1000 AS "oldestMs",
    (SELECT count(*)::float8 / ${WINDOW_S} FROM sagas
      WHERE ${phaseIs("ended")} AND updated_at > now() - interval '${WINDOW_S} s' AND name = $1) AS "endedPerSecond"
  FROM (SELECT wake_at FROM sagas WHERE ${inLine} AND name = $1 ORDER BY wake_at LIMIT ${MOST_COUNTED}) line`,
  { columns: { endedPerSecond: "not null" } },
);

/** Reads the queue of a saga by two partial indexes. */
export async function readBacklog(sql: Sql, name: string): Promise<Backlog> {
  const [row] = await sql.query(BACKLOG, [name]);
  return row ?? { waiting: 0, oldestMs: 0, endedPerSecond: 0 };
}
