import type { RetentionRule } from "@kontor/postgres";

/** Returns how long ended sagas and their log are kept. Sagas that have not ended, parked ones included, never expire. */
export function sagaRetention({ keepMs }: { readonly keepMs: number }): RetentionRule[] {
  return [
    {
      table: "saga_log",
      expired: (cutoff) => `at < ${cutoff} AND NOT EXISTS (
        SELECT FROM sagas s WHERE s.name = saga_log.name AND s.id = saga_log.id
          AND (s.phase IN ('running', 'compensating', 'parked') OR s.updated_at >= ${cutoff}))`,
      keepMs,
    },
    {
      table: "sagas",
      expired: (cutoff) => `phase IN ('completed', 'compensated') AND updated_at < ${cutoff}`,
      keepMs,
    },
  ];
}
