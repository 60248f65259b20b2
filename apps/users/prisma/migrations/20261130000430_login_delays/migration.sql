-- Failed log-ins delay the next ones instead of closing the account. "account" is the digest of a counter: an account and a
-- network, an account alone, or a device. Pods of the version before count under other digests.
ALTER TABLE "login_failures" ADD COLUMN "blocked_until" TIMESTAMPTZ(6);

-- Networks that an account has logged in from: what strangers do elsewhere does not delay it there.
CREATE TABLE "known_networks" (
  "user_id" UUID NOT NULL,
  "network" BYTEA NOT NULL,
  "seen_at" TIMESTAMPTZ(6) NOT NULL,
  CONSTRAINT "known_networks_pkey" PRIMARY KEY ("user_id", "network"),
  CONSTRAINT "known_networks_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX "known_networks_seen_at_idx" ON "known_networks" ("seen_at");
