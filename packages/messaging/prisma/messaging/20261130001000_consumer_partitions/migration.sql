-- Consumers that are divided by key between the replicas of a service. Only added to: replicas of the version before use none of these tables.

-- How a consumer is divided now. A consumer without a row is not divided.
CREATE TABLE "consumer_generations" (
  "consumer" TEXT NOT NULL,
  -- Counts the changes of the number of partitions. The durables of a generation carry it in their metadata.
  "generation" INTEGER NOT NULL,
  "partitions" INTEGER NOT NULL,
  CONSTRAINT "consumer_generations_pkey" PRIMARY KEY ("consumer")
);

-- The replicas that share a consumer. A replica that does not renew its row in time loses its partitions.
CREATE TABLE "consumer_members" (
  "consumer" TEXT NOT NULL,
  "member" UUID NOT NULL,
  "partitions" INTEGER NOT NULL,
  "expires_at" TIMESTAMPTZ(6) NOT NULL,
  CONSTRAINT "consumer_members_pkey" PRIMARY KEY ("consumer", "member")
);

-- Which replica has a partition. The epoch counts its owners; transactions of the inbox lock the row of their epoch, so that a former
-- owner cannot commit.
CREATE TABLE "consumer_partitions" (
  "consumer" TEXT NOT NULL,
  "partition" INTEGER NOT NULL,
  "epoch" BIGINT NOT NULL,
  "owner" UUID,
  CONSTRAINT "consumer_partitions_pkey" PRIMARY KEY ("consumer", "partition")
);
