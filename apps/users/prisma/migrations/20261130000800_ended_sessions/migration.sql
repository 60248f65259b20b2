-- The sessions that ended lately, which edges read at their start.
CREATE INDEX CONCURRENTLY sessions_revoked_at_idx ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
