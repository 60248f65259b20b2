import type { Database } from "@kontor/postgres";
import { statement } from "../gen/statements.ts";

const TOKENS = statement("sweeper.tokens", "DELETE FROM refresh_tokens WHERE expires_at < $1", { prepared: false });
const SESSIONS = statement("sweeper.sessions", "DELETE FROM sessions WHERE expires_at < $1", { prepared: false });
const FAILURES = statement(
  "sweeper.failures",
  "DELETE FROM login_failures WHERE since < $1 AND (blocked_until IS NULL OR blocked_until < $2)",
  { prepared: false },
);
const NETWORKS = statement("sweeper.networks", "DELETE FROM known_networks WHERE seen_at < $1", { prepared: false });

type Periods = { readonly failuresMs: number; readonly networksMs: number };

/** Deletes rows without effect. Repeating it, also by several replicas, changes nothing. */
export function sweeper(db: Database, { failuresMs, networksMs }: Periods): (at: Date) => Promise<void> {
  return async (at) => {
    await db.query(TOKENS, [at]);
    await db.query(SESSIONS, [at]);
    await db.query(FAILURES, [new Date(at.getTime() - failuresMs), at]);
    await db.query(NETWORKS, [new Date(at.getTime() - networksMs)]);
  };
}
