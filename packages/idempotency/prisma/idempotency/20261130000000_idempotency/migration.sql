-- Copied verbatim into a migration of each service that takes idempotency keys.

-- One row per key: claimed while its first request runs, then settled by a result or a refusal.
CREATE TABLE idempotency_claims (
  scope        text        NOT NULL, -- Whose key it is: a user, a payment, or empty for the whole service.
  key          text        NOT NULL,
  request_hash bytea       NOT NULL,
  token        uuid,                 -- The fencing token of the request that claimed the key last.
  lease_until  timestamptz,          -- Set while claimed. Afterwards another request may take the key over.
  result       text,                 -- Settled with success: what the response is derived from.
  refusal      text,                 -- Settled with a refusal, as JSON. Not jsonb, which would reorder its facts.
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope, key),
  CONSTRAINT idempotency_claims_state_check CHECK (num_nonnulls(lease_until, result, refusal) = 1)
) WITH (fillfactor = 70);

CREATE INDEX idempotency_claims_created_at_idx ON idempotency_claims USING brin (created_at) WITH (autosummarize = on);
