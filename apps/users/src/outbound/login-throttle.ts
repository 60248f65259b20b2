import { createHash } from "node:crypto";
import type { Database } from "@kontor/postgres";
import { userErrors } from "../domain/errors.ts";
import type { LoginThrottle } from "../ports.ts";

const FIND = "SELECT failures, since FROM login_failures WHERE account = $1 AND since > $2";
const COUNT = `
  INSERT INTO login_failures AS f (account, failures, since) VALUES ($1, 1, $2)
  ON CONFLICT (account) DO UPDATE SET
    failures = CASE WHEN f.since > $3 THEN f.failures + 1 ELSE 1 END,
    since = CASE WHEN f.since > $3 THEN f.since ELSE $2 END`;
const FORGET = "DELETE FROM login_failures WHERE account = $1";

type Needs = {
  readonly db: Database;
  readonly now: () => Date;
  readonly limit: number;
  readonly windowMs: number;
};

/** Counts failures in a window that the first of them opens; the database is shared by all replicas. */
export function createLoginThrottle({ db, now, limit, windowMs }: Needs): LoginThrottle {
  const windowStart = () => new Date(now().getTime() - windowMs);
  return {
    async check(email) {
      const values = [account(email), windowStart()];
      const [row] = await db.query<{ failures: number; since: Date }>(FIND, values, { name: "throttle.find" });
      if (!row || row.failures < limit) return;
      throw userErrors.LOGIN_THROTTLED({ retryAfterMs: Math.max(1, row.since.getTime() + windowMs - now().getTime()) });
    },
    async failed(email) {
      await db.query(COUNT, [account(email), now(), windowStart()], { name: "throttle.count" });
    },
    async succeeded(email) {
      await db.query(FORGET, [account(email)], { name: "throttle.forget" });
    },
  };
}

/** A hash, because what people type into the wrong field should not end up in a table. */
function account(email: string): Buffer {
  return createHash("sha256").update(email.trim().toLowerCase()).digest();
}
