-- The table of keys becomes the table of @kontor/idempotency (packages/idempotency/sql/idempotency.sql), with its rows.
ALTER TABLE idempotency_keys RENAME TO idempotency_claims;
ALTER INDEX idempotency_keys_pkey RENAME TO idempotency_claims_pkey;
ALTER TABLE idempotency_claims RENAME COLUMN user_id TO scope;
ALTER TABLE idempotency_claims RENAME COLUMN order_id TO result;
ALTER TABLE idempotency_claims
  ALTER COLUMN result DROP NOT NULL,
  ADD COLUMN token uuid,
  ADD COLUMN lease_until timestamptz,
  ADD COLUMN refusal text,
  -- Rows from before have a result. NOT VALID spares a scan under the lock.
  ADD CONSTRAINT idempotency_claims_state_check CHECK (num_nonnulls(lease_until, result, refusal) = 1) NOT VALID;
ALTER TABLE idempotency_claims SET (fillfactor = 70);

CREATE INDEX idempotency_claims_created_at_idx ON idempotency_claims USING brin (created_at) WITH (autosummarize = on);

-- Pods of the version before read and write orders' keys here while both versions run. A key that they insert collides with
-- a claim, so a key places one order. The next release drops the view.
CREATE VIEW idempotency_keys AS
  SELECT scope AS user_id, key, request_hash, result AS order_id, created_at FROM idempotency_claims
  WHERE result IS NOT NULL;
