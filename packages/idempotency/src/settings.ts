import { duration } from "@kontor/config";

/** The settings of a service that takes idempotency keys. */
export const idempotencySettings = {
  idempotencyKeyRetentionMs: duration("IDEMPOTENCY_KEY_RETENTION", {
    default: "30d",
    min: 3_600_000,
    doc: "How long an idempotency key is stored after its first request. A key that is removed is free again.",
  }),
};
