import type { SagaFailure } from "./definition.ts";

/** Where a saga is in its life. */
export type SagaPhase = "running" | "compensating" | "completed" | "compensated" | "parked";

/** A saga as its holder sees it. */
export type SagaRow = {
  readonly name: string;
  readonly id: string;
  readonly state: object;
  readonly phase: SagaPhase;
  readonly step: number;
  readonly attempts: number;
  readonly version: bigint;
  readonly abort_reason: string | null;
  readonly failure: SagaFailure | null;
  readonly deadline_at: Date | null;
  readonly overdue: boolean | null;
  readonly wait_expired: boolean | null;
  /** False once the row sleeps or has ended: its holder lets go. */
  readonly leased: boolean;
  readonly traceparent: string | null;
};

/** What `returning` must list to make a {@link SagaRow}. Times are compared by the database: its clock rules. */
export const columns = `s.name, s.id, s.state, s.phase, s.step, s.attempts, s.version, s.abort_reason, s.failure,
  s.deadline_at, s.deadline_at <= now() AS overdue, s.wait_until <= now() AS wait_expired,
  s.lease_until IS NOT NULL AS leased, s.traceparent`;
