import type { Sql } from "@kontor/postgres";
import type { SagaFailure } from "../definition/definition.ts";
import { isAttempted, phaseIs, type SagaPhase } from "../definition/phases.ts";
import { statement } from "../gen/statements.ts";
import type { SagaRow } from "./queue.ts";
import { columns, ROW } from "./row.ts";

/** The end of an attempt and, in the same statement, the intent of what comes next. */
export interface Transition {
  readonly phase: SagaPhase;
  readonly step: number;
  readonly attempts: number;
  readonly state?: object;
  /** Whether the saga compensates instead when an abort or its deadline arrived meanwhile: true before the pivot. */
  readonly revocable: boolean;
  /** Sleep until a time, or for a number of milliseconds, unless woken meanwhile. Absent: keep the lease and continue. */
  readonly sleep?: Date | number;
  readonly waitReason?: string;
  readonly failure?: SagaFailure;
  readonly error?: string;
  readonly resumePhase?: SagaPhase;
  readonly log: { readonly step: string; readonly action: "run" | "undo"; readonly outcome: string };
}

/** How long a new lease is, and how much of one is enough to begin another attempt, in milliseconds. */
export interface Lease {
  readonly ms: number;
  readonly enoughMs: number;
}

/** Thrown when this engine no longer holds the row: the lease expired and another engine has claimed it. */
export class FenceLost extends Error {
  override readonly name = "FenceLost";
}

const revoked = "($7::boolean AND (s.abort_reason IS NOT NULL OR coalesce(s.deadline_at <= now(), false)))";
const ends = `(NOT (${phaseIs("active", "$5::text")}) AND NOT ${revoked})`;
const asleep = `(coalesce($9::timestamptz, now() + $10::float8 * interval '1 ms') IS NOT NULL AND NOT s.woken AND NOT ${revoked})`;
const alarm = "coalesce($9::timestamptz, now() + $10::float8 * interval '1 ms')";
// A lease that still covers the next attempt stays as it is: an update that touches no index is a cheap one.
const leaseEnd = `CASE WHEN s.lease_until >= now() + $20::float8 * interval '1 ms' THEN s.lease_until
       ELSE now() + $11::float8 * interval '1 ms' END`;

const STORE = statement(
  "saga.transition",
  `WITH stored AS (
  UPDATE sagas s SET
    state = coalesce($8::jsonb, s.state),
    phase = CASE WHEN ${revoked} THEN 'compensating' ELSE $5::text END,
    step = CASE WHEN ${revoked} THEN s.step ELSE $6::int END,
    attempts = CASE WHEN ${revoked} THEN 0 ELSE $12::int END,
    lease_until = CASE WHEN ${ends} OR ${asleep} THEN NULL ELSE ${leaseEnd} END,
    owner = CASE WHEN ${ends} OR ${asleep} THEN NULL ELSE s.owner END,
    wake_at = CASE WHEN ${ends} THEN s.wake_at
                   WHEN ${asleep} THEN CASE WHEN $7::boolean THEN least(${alarm}, s.deadline_at) ELSE ${alarm} END
                   ELSE ${leaseEnd} END,
    woken = false,
    wait_until = CASE WHEN $13::text IS NULL THEN NULL ELSE ${alarm} END,
    wait_reason = $13::text,
    failure = coalesce($14::jsonb, s.failure),
    last_error = $15::text,
    resume_phase = $16::text,
    updated_at = now()
  WHERE s.name = $1 AND s.id = $2 AND s.version = $3::bigint AND s.step = $4::int
    AND s.owner IS NOT NULL AND ${phaseIs("active", "s.phase")}
  RETURNING ${columns}
), logged AS (
  INSERT INTO saga_log (name, id, step, action, outcome, error)
  SELECT name, id, $17, $18, $19, $15 FROM stored
)
SELECT * FROM stored`,
  { columns: ROW },
);

/**
 * Stores a transition in one statement. Throws {@link FenceLost} if the claim is no longer current, an Error if the table of
 * transitions has none between the phases.
 */
export async function store(sql: Sql, row: SagaRow, to: Transition, lease: Lease): Promise<SagaRow> {
  if (!isAttempted(row.phase, to.phase)) throw new Error(`No attempt moves a saga from ${row.phase} to ${to.phase}.`);
  const [stored] = await sql.query(STORE, [
    row.name,
    row.id,
    row.version,
    row.step,
    to.phase,
    to.step,
    to.revocable,
    to.state === undefined ? null : JSON.stringify(to.state),
    to.sleep instanceof Date ? to.sleep : null,
    typeof to.sleep === "number" ? to.sleep : null,
    lease.ms,
    to.attempts,
    to.waitReason ?? null,
    to.failure === undefined ? null : JSON.stringify(to.failure, (_, value) => storable(value)),
    storable(to.error ?? null),
    to.resumePhase ?? null,
    to.log.step,
    to.log.action,
    to.log.outcome,
    lease.enoughMs,
  ]);
  if (stored === undefined)
    throw new FenceLost(`Saga ${row.name} ${row.id} is no longer held at version ${row.version}.`);
  return stored;
}

/** Replaces what PostgreSQL cannot store: the texts of errors come from elsewhere, and must never keep a saga from being stored. */
function storable<T>(value: T): T | string {
  return typeof value === "string" ? value.replaceAll("\0", "\uFFFD") : value;
}
