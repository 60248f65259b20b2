-- One payment per order. Timers (check_at, next_attempt_at) are rows on the database's clock.
CREATE TABLE "payments" (
  "id" UUID NOT NULL DEFAULT uuidv7(),
  "version" INTEGER NOT NULL DEFAULT 1,
  "order_id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "status" TEXT NOT NULL,
  "method" TEXT NOT NULL,
  "amount" BIGINT NOT NULL,
  "currency" TEXT NOT NULL,
  "captured" BIGINT NOT NULL DEFAULT 0,
  "refunded" BIGINT NOT NULL DEFAULT 0,
  "decline_code" TEXT,
  "action_url" TEXT,
  "provider_reference" TEXT,
  -- When to ask the provider for a decision that should have come by webhook.
  "check_at" TIMESTAMPTZ(6),
  "created_at" TIMESTAMPTZ(3) NOT NULL,
  "updated_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "payments_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "payments_status_check" CHECK ("status" IN
    ('pending', 'requires_action', 'authorised', 'declined', 'captured', 'voided', 'refunded')),
  -- A payment voided before it was opened has no amount.
  CONSTRAINT "payments_amount_check" CHECK ("amount" > 0 AND "currency" ~ '^[A-Z]{3}$'
    OR "status" = 'voided' AND "amount" = 0 AND "currency" = ''),
  CONSTRAINT "payments_totals_check" CHECK (0 <= "refunded" AND "refunded" <= "captured" AND "captured" <= "amount")
);
CREATE UNIQUE INDEX "payments_order_id_key" ON "payments" ("order_id");
CREATE INDEX "payments_check_at_idx" ON "payments" ("check_at") WHERE "check_at" IS NOT NULL;

-- What was asked of the provider, under the idempotency key the provider got.
CREATE TABLE "operations" (
  "key" TEXT NOT NULL,
  "payment_id" UUID NOT NULL,
  "kind" TEXT NOT NULL,
  "amount" BIGINT NOT NULL,
  "reason" TEXT,
  -- started: the outcome is not known. settled: the provider did it. refused: the provider did nothing.
  "state" TEXT NOT NULL DEFAULT 'started',
  "refusal" TEXT,
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "next_attempt_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now() + interval '15 seconds',
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
  "settled_at" TIMESTAMPTZ(6),
  CONSTRAINT "operations_pkey" PRIMARY KEY ("key"),
  CONSTRAINT "operations_kind_check" CHECK ("kind" IN ('authorise', 'capture', 'void', 'refund')),
  CONSTRAINT "operations_state_check" CHECK ("state" IN ('started', 'settled', 'refused')),
  CONSTRAINT "operations_amount_check" CHECK ("amount" >= 0),
  CONSTRAINT "operations_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments" ("id")
);
CREATE INDEX "operations_payment_id_idx" ON "operations" ("payment_id");
CREATE INDEX "operations_due_idx" ON "operations" ("next_attempt_at") WHERE "state" = 'started';
-- Refunds may run side by side; authorise, capture and void exclude each other.
CREATE UNIQUE INDEX "operations_one_at_a_time_key" ON "operations" ("payment_id")
  WHERE "state" = 'started' AND "kind" <> 'refund';

CREATE TABLE "webhook_events" (
  "provider" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  -- Null: it told of a payment that is not ours; then the payload is kept.
  "payment_id" UUID,
  "payload" JSONB,
  "received_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
  CONSTRAINT "webhook_events_pkey" PRIMARY KEY ("provider", "id"),
  CONSTRAINT "webhook_events_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments" ("id")
);
CREATE INDEX "webhook_events_payment_id_idx" ON "webhook_events" ("payment_id");

-- The double-entry ledger: debits positive, credits negative, append-only, each transaction sums to 0.
CREATE TABLE "ledger_transactions" (
  "id" UUID NOT NULL DEFAULT uuidv7(),
  "payment_id" UUID NOT NULL,
  "kind" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
  CONSTRAINT "ledger_transactions_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "ledger_transactions_kind_check" CHECK ("kind" IN ('capture', 'refund')),
  CONSTRAINT "ledger_transactions_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments" ("id")
);
CREATE UNIQUE INDEX "ledger_transactions_key_key" ON "ledger_transactions" ("key");
CREATE INDEX "ledger_transactions_payment_id_idx" ON "ledger_transactions" ("payment_id");

CREATE TABLE "ledger_entries" (
  "transaction_id" UUID NOT NULL,
  "account" TEXT NOT NULL,
  "amount" BIGINT NOT NULL,
  "currency" TEXT NOT NULL,
  CONSTRAINT "ledger_entries_pkey" PRIMARY KEY ("transaction_id", "account"),
  CONSTRAINT "ledger_entries_account_check" CHECK ("account" IN ('provider-receivable', 'customer-orders')),
  CONSTRAINT "ledger_entries_amount_check" CHECK ("amount" <> 0),
  CONSTRAINT "ledger_entries_transaction_id_fkey" FOREIGN KEY ("transaction_id") REFERENCES "ledger_transactions" ("id")
);

CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The ledger is append-only: % of % is refused.', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER "ledger_transactions_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_transactions"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "ledger_entries_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_entries"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

CREATE FUNCTION "require_balance"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  booked UUID := CASE TG_TABLE_NAME WHEN 'ledger_transactions' THEN to_jsonb(NEW) ->> 'id' ELSE to_jsonb(NEW) ->> 'transaction_id' END;
BEGIN
  IF (SELECT count(*) >= 2 AND count(DISTINCT currency) = 1 AND sum(amount) = 0 FROM ledger_entries WHERE transaction_id = booked) THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'Ledger transaction % does not balance.', booked USING ERRCODE = 'check_violation';
END $$;
CREATE CONSTRAINT TRIGGER "ledger_transactions_balance" AFTER INSERT ON "ledger_transactions"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "require_balance"();
CREATE CONSTRAINT TRIGGER "ledger_entries_balance" AFTER INSERT ON "ledger_entries"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "require_balance"();
