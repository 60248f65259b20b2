import type { RowOf, Sql } from "@kontor/postgres";
import type { SagaFailure } from "../definition/definition.ts";
import { phaseIs, type SagaPhase } from "../definition/phases.ts";
import { statement } from "../gen/statements.ts";
import type { SagaRow } from "./queue.ts";

/** A line of `saga_log`. */
export interface LogLine {
  readonly step: string;
  readonly action: "run" | "undo";
  readonly outcome: string;
  readonly error?: string | undefined;
}

/** The end of an attempt and, in the same statement, the intent of the next step. */
export interface Transition {
  readonly phase: SagaPhase;
  readonly step: number;
  readonly attempts: number;
  readonly state?: object;
  /** Whether the saga compensates instead when an abort or its deadline arrived meanwhile: true before the pivot. */
  readonly revocable: boolean;
  /** The step to undo first if the saga compensates instead: the last one that may have run. */
  readonly reached: number;
  /** Sleep until a time, or for a number of milliseconds, unless woken meanwhile. Absent: keep the lease and continue. */
  readonly sleep?: Date | number;
  readonly waitReason?: string;
  readonly failure?: SagaFailure;
  readonly error?: string;
  readonly resumePhase?: SagaPhase;
  /** The log lines since the last transition. */
  readonly log: readonly LogLine[];
}

/** The length of a new lease, and the rest of one that suffices for another attempt, in milliseconds. */
export interface Lease {
  readonly ms: number;
  readonly enoughMs: number;
}

/** A transition of a saga, and its row as last stored. */
export interface Ending {
  readonly row: SagaRow;
  readonly to: Transition;
  readonly lease: Lease;
}

const revoked = "(w.revocable AND (s.abort_reason IS NOT NULL OR coalesce(s.deadline_at <= now(), false)))";
const ends = `(NOT (${phaseIs("active", "w.phase")}) AND NOT ${revoked})`;
const alarm = "coalesce(w.sleep_until, now() + w.sleep_ms * interval '1 ms')";
const asleep = `(${alarm} IS NOT NULL AND NOT s.woken AND NOT ${revoked})`;
// A lease that still covers the next attempt remains unchanged: an update that touches no index is cheap.
const leaseEnd = `CASE WHEN s.lease_until >= now() + w.enough_ms * interval '1 ms' THEN s.lease_until
       ELSE now() + w.lease_ms * interval '1 ms' END`;

/**
 * Returns the statement that stores many transitions at once. It is the hot path of the engine: one round trip, one plan and one commit
 * for all sagas that are ready. Each row is fenced by version and step. Rows are locked in the order of their keys, so that two flights
 * never wait for each other in a circle. `lock` decides the handling of rows that others have locked.
 */
const textOf = (lock: "SKIP LOCKED" | "") => `WITH wanted AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::text[], $6::int[], $7::boolean[], $8::text[],
    $9::timestamptz[], $10::float8[], $11::float8[], $12::int[], $13::text[], $14::text[], $15::text[], $16::text[], $17::float8[],
    $18::int[]) WITH ORDINALITY
  AS t (name, id, version, was, phase, step, revocable, state, sleep_until, sleep_ms, lease_ms, attempts, wait_reason, failure,
    error, resume_phase, enough_ms, reached, place)
), held AS (
  SELECT s.name, s.id FROM sagas s JOIN wanted w USING (name, id)
  WHERE s.version = w.version AND s.step = w.was AND s.owner IS NOT NULL AND ${phaseIs("active", "s.phase")}
  ORDER BY s.name, s.id FOR UPDATE OF s ${lock}
), stored AS (
  UPDATE sagas s SET
    state = coalesce(w.state::jsonb, s.state),
    phase = CASE WHEN ${revoked} THEN 'compensating' ELSE w.phase END,
    step = CASE WHEN ${revoked} THEN w.reached ELSE w.step END,
    attempts = CASE WHEN ${revoked} THEN 0 ELSE w.attempts END,
    lease_until = CASE WHEN ${ends} OR ${asleep} THEN NULL ELSE ${leaseEnd} END,
    owner = CASE WHEN ${ends} OR ${asleep} THEN NULL ELSE s.owner END,
    wake_at = CASE WHEN ${ends} THEN s.wake_at
                   WHEN ${asleep} THEN CASE WHEN w.revocable THEN least(${alarm}, s.deadline_at) ELSE ${alarm} END
                   ELSE ${leaseEnd} END,
    woken = false,
    wait_until = CASE WHEN w.wait_reason IS NULL THEN NULL ELSE ${alarm} END,
    wait_reason = w.wait_reason,
    failure = coalesce(w.failure::jsonb, s.failure),
    last_error = w.error,
    resume_phase = w.resume_phase,
    updated_at = now()
  FROM wanted w JOIN held USING (name, id)
  WHERE s.name = w.name AND s.id = w.id AND s.version = w.version AND s.step = w.was
  RETURNING s.name, s.id, w.place, s.phase, s.step, s.attempts, s.abort_reason, s.deadline_at <= now() AS overdue,
    s.wait_until <= now() AS wait_expired, s.lease_until IS NOT NULL AS leased,
    extract(epoch FROM s.wake_at - now())::float8 * 1000 AS due_ms
), logged AS (
  INSERT INTO saga_log (name, id, step, action, outcome, error)
  SELECT name, id, line.step, action, outcome, error
  FROM unnest($19::int[], $20::text[], $21::text[], $22::text[], $23::text[]) WITH ORDINALITY
    AS line (place, step, action, outcome, error, nth) JOIN stored USING (place)
  ORDER BY nth
)
SELECT place::int, phase, step, attempts, abort_reason, overdue, wait_expired, leased, due_ms,
  set_config('lock_timeout', $24, true) AS lock_timeout FROM stored`;

const columns = { phase: "sagas.phase", leased: "not null", place: "not null", due_ms: "not null" } as const;
const SHARED = statement("saga.transitions", textOf("SKIP LOCKED"), { columns });
const ONE_KEY = statement("saga.transition", textOf(""), { columns });

/** A transition as stored, by its place in the flight. Those of other places found their row locked, or no longer held. */
export type StoredTransition = RowOf<typeof SHARED>;

/** How long the records of a shared flight wait for the lock of one row, and those of a part that has to wait. */
const SHARED_LOCK_TIMEOUT = "100ms";
const PART_LOCK_TIMEOUT = "2s";

/** Stores transitions in one statement. With `waits` it waits for locked rows. */
export function storeTransitions(
  sql: Sql,
  endings: readonly Ending[],
  { waits }: { readonly waits: boolean },
): Promise<StoredTransition[]> {
  const each = <T>(of: (ending: Ending) => T) => endings.map(of);
  const lines = endings.flatMap(({ to }, index) => to.log.map((line) => ({ ...line, place: index + 1 })));
  return sql.query(waits ? ONE_KEY : SHARED, [
    each(({ row }) => row.name),
    each(({ row }) => row.id),
    each(({ row }) => row.version),
    each(({ row }) => row.step),
    each(({ to }) => to.phase),
    each(({ to }) => to.step),
    each(({ to }) => to.revocable),
    each(({ to }) => (to.state === undefined ? null : JSON.stringify(to.state))),
    each(({ to }) => (to.sleep instanceof Date ? to.sleep : null)),
    each(({ to }) => (typeof to.sleep === "number" ? to.sleep : null)),
    each(({ lease }) => lease.ms),
    each(({ to }) => to.attempts),
    each(({ to }) => to.waitReason ?? null),
    each(({ to }) => (to.failure === undefined ? null : JSON.stringify(to.failure, (_, value) => storable(value)))),
    each(({ to }) => storable(to.error ?? null)),
    each(({ to }) => to.resumePhase ?? null),
    each(({ lease }) => lease.enoughMs),
    each(({ to }) => to.reached),
    lines.map(({ place }) => place),
    lines.map(({ step }) => step),
    lines.map(({ action }) => action),
    lines.map(({ outcome }) => outcome),
    lines.map(({ error }) => storable(error ?? null)),
    waits ? PART_LOCK_TIMEOUT : SHARED_LOCK_TIMEOUT,
  ]);
}

/** Replaces characters that PostgreSQL cannot store: error texts come from other systems, and must never prevent that a saga is stored. */
function storable<T>(value: T): T | string {
  return typeof value === "string" ? value.replaceAll("\0", "\uFFFD") : value;
}
