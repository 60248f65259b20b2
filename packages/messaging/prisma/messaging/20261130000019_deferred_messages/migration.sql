-- Messages that a consumer failed to process, and later messages of the same key that wait behind them. They are acknowledged
-- in the stream and retried from here, so that any number of failing keys holds back no other key.
CREATE TABLE "deferred_messages" (
  "consumer" TEXT NOT NULL,
  "message_id" UUID NOT NULL,
  -- Order within a key.
  "position" BIGINT GENERATED ALWAYS AS IDENTITY,
  "type" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "payload" BYTEA NOT NULL,
  "headers" JSONB NOT NULL,
  "stream_seq" BIGINT NOT NULL,
  -- When the event was recorded by its publisher.
  "event_time" TIMESTAMPTZ(6) NOT NULL,
  "deferred_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
  -- 0 for a message that waits behind an earlier one.
  "attempts" INTEGER NOT NULL,
  "last_error" TEXT,
  -- NULL while an earlier message of the key is deferred.
  "next_attempt_at" TIMESTAMPTZ(6),
  -- Why an operator gives the message up. The consumer makes it a dead letter.
  "give_up_reason" TEXT,
  CONSTRAINT "deferred_messages_pkey" PRIMARY KEY ("consumer", "message_id")
);
CREATE INDEX "deferred_messages_key_idx" ON "deferred_messages" ("consumer", "key", "position");
CREATE INDEX "deferred_messages_due_idx" ON "deferred_messages" ("consumer", "next_attempt_at") WHERE "next_attempt_at" IS NOT NULL;
CREATE INDEX "deferred_messages_failing_idx" ON "deferred_messages" ("deferred_at") WHERE "attempts" > 0;
