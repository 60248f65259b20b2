-- The tables of @kontor/messaging. Every service copies them verbatim into its first migration.

-- Events to publish, written in the transaction of the change they tell about.
CREATE TABLE "outbox" (
  "id" UUID NOT NULL,
  "seq" BIGINT GENERATED ALWAYS AS IDENTITY,
  "type" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "payload" BYTEA NOT NULL,
  "headers" JSONB NOT NULL DEFAULT '{}',
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
  "published_at" TIMESTAMPTZ(6),
  "stream_seq" BIGINT,
  CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "outbox_unsent_idx" ON "outbox" ("seq") WHERE "published_at" IS NULL;
CREATE INDEX "outbox_created_at_idx" ON "outbox" USING brin ("created_at") WITH (autosummarize = on);

-- What the relay knows of its stream: a stream created anew, or one that ends earlier, has lost messages.
CREATE TABLE "outbox_streams" (
  "stream" TEXT NOT NULL,
  "incarnation" TEXT NOT NULL,
  "last_seq" BIGINT NOT NULL,
  CONSTRAINT "outbox_streams_pkey" PRIMARY KEY ("stream")
);

-- Messages whose effect is committed, or that were given up.
CREATE TABLE "inbox" (
  "consumer" TEXT NOT NULL,
  "message_id" UUID NOT NULL,
  "processed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
  CONSTRAINT "inbox_pkey" PRIMARY KEY ("consumer", "message_id")
);
CREATE INDEX "inbox_processed_at_idx" ON "inbox" USING brin ("processed_at") WITH (autosummarize = on);

-- Messages that wait for another attempt, and (attempts = 0) messages of the same key that wait behind them.
CREATE TABLE "consumer_failures" (
  "consumer" TEXT NOT NULL,
  "message_id" UUID NOT NULL,
  "key" TEXT NOT NULL,
  "stream_seq" BIGINT NOT NULL,
  "attempts" INTEGER NOT NULL,
  "last_error" TEXT NOT NULL,
  "next_attempt_at" TIMESTAMPTZ(6) NOT NULL,
  CONSTRAINT "consumer_failures_pkey" PRIMARY KEY ("consumer", "message_id")
);
CREATE INDEX "consumer_failures_key_idx" ON "consumer_failures" ("consumer", "key");

-- Messages given up, for an operator to redrive or discard.
CREATE TABLE "dead_letters" (
  "id" UUID NOT NULL,
  "consumer" TEXT NOT NULL,
  "message_id" UUID NOT NULL,
  "type" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "payload" BYTEA NOT NULL,
  "headers" JSONB NOT NULL,
  "reason" TEXT NOT NULL,
  "attempts" INTEGER NOT NULL,
  "failed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
  "resolved_at" TIMESTAMPTZ(6),
  "resolution" TEXT,
  CONSTRAINT "dead_letters_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "dead_letters_consumer_message_id_key" ON "dead_letters" ("consumer", "message_id");
CREATE INDEX "dead_letters_open_idx" ON "dead_letters" ("failed_at") WHERE "resolved_at" IS NULL;
