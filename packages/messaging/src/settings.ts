/** The settings of messaging; durations are in milliseconds. */
export interface MessagingSettings {
  /** Replicas of each stream in the NATS cluster; a stream with more keeps them. Default: 1. */
  readonly replicas: number;
  /** How long a stream keeps a message. Default 14 days. */
  readonly streamMaxAgeMs: number;
  /** Within this time the server drops an event it already has. Default 2 min. */
  readonly duplicateWindowMs: number;
  /** How long published outbox rows are kept, to be published again if a stream is lost. Default 7 days. */
  readonly outboxRetentionMs: number;
  /** How long the inbox keeps ids. More than `outboxRetentionMs` + `streamMaxAgeMs`. Default 30 days. */
  readonly inboxRetentionMs: number;
  /** How long resolved dead letters are kept. Default 90 days. */
  readonly deadLetterRetentionMs: number;
  /** Interval in which an idle relay, and an idle consumer for deferred messages, read their tables without a wake-up signal. Default: 5 s. */
  readonly pollMs: number;
  /** How often outbox and stream are compared. Default 30 s. */
  readonly reconcileIntervalMs: number;
  /** How often a standby attempts the lock of the active replica, unless that announces its release. Default 5 s. */
  readonly lockRetryMs: number;
  /** Average time between two rounds of a busy relay, so that events which come at once share one. Default 50 ms. */
  readonly relayGapMs: number;
  /** Most rows in flight to the stream. Default 500. */
  readonly relayBatch: number;
  /** Batches that a consumer runs side by side, each in a separate transaction. Default: 4. */
  readonly concurrency: number;
  /** Largest number of messages in a batch. Default 64. */
  readonly maxBatch: number;
  /**
   * Partitions between which the replicas of a service divide each consumer, up to the `maxPartitions` of its declaration. Replicas with another
   * number wait until those of the number before have stopped. Default 1: one replica has the consumer.
   */
  readonly partitions: number;
  /** A replica that cannot renew its partitions for this time loses them to others. Default: 15 s; they are renewed three times in it. */
  readonly partitionLeaseMs: number;
  /** Limit of unacknowledged messages of a consumer. Default: 256. */
  readonly maxAckPending: number;
  /** Deferred messages that a consumer retries at once. Default 4. */
  readonly retryConcurrency: number;
  /** After this time without a sign of life the server delivers a message again. Default 30 s. */
  readonly ackWaitMs: number;
  /** Delay before the second attempt, doubled from there and jittered by half. Default 500 ms. */
  readonly retryBaseMs: number;
  /** Longest delay between attempts. Default 60 s. */
  readonly retryCapMs: number;
}

const DAY = 86_400_000;

/** The defaults. */
export const defaultSettings: MessagingSettings = {
  replicas: 1,
  streamMaxAgeMs: 14 * DAY,
  duplicateWindowMs: 120_000,
  outboxRetentionMs: 7 * DAY,
  inboxRetentionMs: 30 * DAY,
  deadLetterRetentionMs: 90 * DAY,
  pollMs: 5_000,
  reconcileIntervalMs: 30_000,
  lockRetryMs: 5_000,
  relayGapMs: 50,
  relayBatch: 500,
  concurrency: 4,
  maxBatch: 64,
  partitions: 1,
  partitionLeaseMs: 15_000,
  maxAckPending: 256,
  retryConcurrency: 4,
  ackWaitMs: 30_000,
  retryBaseMs: 500,
  retryCapMs: 60_000,
};
