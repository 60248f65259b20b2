import type { SagaFailure } from "../definition/definition.ts";
import type { SagaPhase } from "../definition/phases.ts";

/** A saga as its holder reads it. */
export type SagaRow = {
  readonly name: string;
  readonly id: string;
  readonly definition_version: number;
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
  /** False once the row sleeps or has ended: its holder releases it. */
  readonly leased: boolean;
  readonly traceparent: string | null;
};

/** The columns of a {@link SagaRow} for `RETURNING`. The database compares times: only its clock counts. */
export const columns = `s.name, s.id, s.definition_version, s.state, s.phase, s.step, s.attempts, s.version, s.abort_reason, s.failure,
  s.deadline_at, s.deadline_at <= now() AS overdue, s.wait_until <= now() AS wait_expired,
  s.lease_until IS NOT NULL AS leased, s.traceparent`;
