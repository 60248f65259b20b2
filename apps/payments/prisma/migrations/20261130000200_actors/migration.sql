-- Who requested a refund and which units come back with it. booked_at: when the ledger got it, so that each refund is booked once
-- under its own name, whoever reported it first.
ALTER TABLE "operations"
  ADD COLUMN "actor" TEXT,
  ADD COLUMN "restock" JSONB,
  ADD COLUMN "booked_at" TIMESTAMPTZ(6);

-- Who caused a transaction, and why. Null: booked by a version before these columns.
ALTER TABLE "ledger_transactions"
  ADD COLUMN "actor" TEXT,
  ADD COLUMN "reason" TEXT;
