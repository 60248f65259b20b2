import type { RetentionRule } from "@kontor/postgres";
import { phaseIs } from "./definition/phases.ts";

/** The folder with the migrations of the tables that this package owns in the database of a service. */
export const sagaTables = /* @__PURE__ */ new URL("../prisma/saga/", import.meta.url);

/**
 * Returns how long ended sagas and their log are kept. Sagas that have not ended, parked ones included, never expire.
 *
 * ```ts
 * const rules = sagaRetention({ keepMs: 30 * 86_400_000 }); // 30 days
 * ```
 */
export function sagaRetention({ keepMs }: { readonly keepMs: number }): RetentionRule[] {
  return [
    {
      table: "saga_log",
      removedBy: "remove_saga_log",
      keepMs,
    },
    {
      table: "sagas",
      expired: (cutoff) => `${phaseIs("ended")} AND updated_at < ${cutoff}`,
      keepMs,
    },
  ];
}
