import type { Database } from "@kontor/postgres";
import { statement } from "./gen/statements.ts";
import { pause } from "./pause.ts";

const PAUSE_MS = 20;

const IS_UNSENT = statement("outbox.is-unsent", "SELECT 1 AS one FROM outbox WHERE published_at IS NULL LIMIT 1", {
  prepared: false,
});

/** Resolves once the relay has published the outbox, or after `withinMs`. A database that is away ends it at once. */
export async function outboxPublished(db: Database, withinMs: number): Promise<void> {
  const over = AbortSignal.timeout(withinMs);
  while (!over.aborted) {
    const rows = await db.query(IS_UNSENT).catch(() => []);
    if (rows.length === 0) return;
    await pause(PAUSE_MS, over);
  }
}
