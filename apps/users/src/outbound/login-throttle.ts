import { createHash } from "node:crypto";
import type { Database } from "@kontor/postgres";
import { counter, type Logger } from "@kontor/telemetry";
import { userErrors } from "../domain/errors.ts";
import { loginDelays } from "../domain/login-delay.ts";
import { statement } from "../gen/statements.ts";
import type { LoginAttempt, LoginThrottle } from "../ports.ts";

const KNOWN = statement(
  "throttle.known",
  `SELECT (SELECT s.id FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
    WHERE t.hash = $2 AND s.user_id = $1) AS device,
  EXISTS (SELECT FROM known_networks WHERE user_id = $1 AND network = $3) AS known`,
);
const FIND = statement(
  "throttle.find",
  "SELECT max(blocked_until) AS until FROM login_failures WHERE account = ANY ($1) AND blocked_until > $2",
);
// $4 contains the delays after 1, 2, 3 … failures.
const COUNT = statement(
  "throttle.count",
  `INSERT INTO login_failures AS f (account, failures, since, blocked_until)
  VALUES ($1, 1, $2, $2::timestamptz + ($4::int[])[1] * interval '1 millisecond')
  ON CONFLICT (account) DO UPDATE SET
    failures = CASE WHEN f.since > $3 THEN f.failures + 1 ELSE 1 END,
    since = $2,
    blocked_until = $2::timestamptz + ($4::int[])[CASE WHEN f.since > $3 THEN least(f.failures + 1, cardinality($4::int[])) ELSE 1 END]
      * interval '1 millisecond'
  RETURNING failures`,
);
const FORGET = statement("throttle.forget", "DELETE FROM login_failures WHERE account = ANY ($1)");
// Written once a day, not with each log-in.
const REMEMBER = statement(
  "throttle.remember",
  `INSERT INTO known_networks AS k (user_id, network, seen_at) VALUES ($1, $2, $3)
  ON CONFLICT (user_id, network) DO UPDATE SET seen_at = $3 WHERE k.seen_at < $3::timestamptz - interval '1 day'`,
);

/** An account that many networks fail at is guessed at by a botnet: it has more free failures than a single network. */
const NETWORKS = 3;

const compared = counter(
  "kontor_users_log_ins_total",
  "Passwords that were given for an account: succeeded, failed, or throttled, which are not compared.",
  ["outcome"],
);

type Deps = {
  readonly db: Database;
  readonly log: Logger;
  readonly now: () => Date;
  /** Failures in a row without a delay. */
  readonly free: number;
  readonly longestMs: number;
  /** After this time without a failure they count no more. */
  readonly windowMs: number;
};

/** Failures by account and network, by account, and by device, in the database, which all replicas share. */
export function createLoginThrottle({ db, log, now, free, longestMs, windowMs }: Deps): LoginThrottle {
  const ofOne = loginDelays(free, longestMs);
  const ofAll = loginDelays(free * NETWORKS, longestMs);

  async function countersOf({ account, userId, client, device, refreshToken }: LoginAttempt) {
    const digests = [digest(refreshToken ?? ""), digest(client.network)] as const;
    const [found] = userId ? await db.query(KNOWN, [userId, ...digests]) : [];
    const session = device ?? found?.device;
    if (session) return [{ key: digest(`device ${session}`), delays: ofOne }];
    const here = { key: digest(`network ${client.network} account ${account}`), delays: ofOne };
    const known = found?.known && client.network !== "";
    return known ? [here] : [here, { key: digest(`account ${account}`), delays: ofAll }];
  }

  return {
    async open(attempt) {
      const counters = await countersOf(attempt);
      const keys = counters.map(({ key }) => key);
      const facts = { account: digest(attempt.account).toString("hex").slice(0, 16), network: attempt.client.network };
      return {
        async check() {
          const at = now();
          const [row] = await db.query(FIND, [keys, at]);
          if (!row?.until) return;
          compared.inc({ outcome: "throttled" });
          throw userErrors.LOGIN_THROTTLED({ retryAfterMs: Math.max(1, row.until.getTime() - at.getTime()) });
        },
        async failed() {
          const at = now();
          const since = new Date(at.getTime() - windowMs);
          const failures: number[] = [];
          for (const { key, delays } of counters) {
            const [row] = await db.query(COUNT, [key, at, since, delays]);
            failures.push(row?.failures ?? 0);
          }
          compared.inc({ outcome: "failed" });
          log.info({ ...facts, failures: failures[0], failuresOfAccount: failures[1] }, "log-in failed");
        },
        async succeeded() {
          await db.query(FORGET, [keys]);
          const { userId = null, client } = attempt;
          if (client.network !== "") await db.query(REMEMBER, [userId, digest(client.network), now()]);
          compared.inc({ outcome: "succeeded" });
        },
      };
    },
  };
}

/** A hash, because people may enter secrets into the wrong field, which must not be stored. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
