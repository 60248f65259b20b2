-- Since when the provider answers that it does not know a payment which it took in before.
ALTER TABLE "payments" ADD COLUMN "forgotten_since" TIMESTAMPTZ(6);
CREATE INDEX "payments_forgotten_since_idx" ON "payments" ("forgotten_since") WHERE "forgotten_since" IS NOT NULL;

-- For the retention of operations and webhooks. Refunds are kept: they say who gave money back, and why.
CREATE INDEX "operations_expiry_idx" ON "operations" ("settled_at") WHERE "settled_at" IS NOT NULL AND "kind" <> 'refund';
CREATE INDEX "webhook_events_received_at_idx" ON "webhook_events" USING brin ("received_at") WITH (autosummarize = on);
