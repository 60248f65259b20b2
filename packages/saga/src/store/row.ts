/** The columns of a {@link SagaRow} for `RETURNING`. The database compares times: only its clock counts. */
export const columns = `s.name, s.id, s.definition_version, s.state, s.phase, s.step, s.attempts, s.version, s.abort_reason, s.failure,
  s.deadline_at, s.deadline_at <= now() AS overdue, s.wait_until <= now() AS wait_expired,
  s.lease_until IS NOT NULL AS leased, s.traceparent, extract(epoch FROM s.wake_at - now())::float8 * 1000 AS due_ms`;

/** The declaration of a statement that returns {@link columns}. */
export const ROW = { leased: "not null", due_ms: "not null" } as const;
