import type { Database, RowOf } from "@kontor/postgres";
import type { Story } from "../domain/story.ts";
import { statement } from "../gen/statements.ts";
import type { Notifications, Recipient } from "../ports.ts";

/** An unreleased lease belongs to a process that died; it is logged. */
const CLAIM = statement(
  "notifications.claim",
  `WITH due AS (
    SELECT n.id, n.sends_done + 1 AS send, n.lease IS NOT NULL AS abandoned, r.email, r.display_name, r.locale
    FROM notifications n JOIN recipients r USING (user_id)
    WHERE n.status = 'queued' AND n.next_attempt_at <= clock_timestamp()
    ORDER BY n.next_attempt_at LIMIT $1 FOR UPDATE OF n SKIP LOCKED),
  unanswered AS (
    INSERT INTO delivery_attempts (notification_id, send, outcome, delivered)
    SELECT id, send, 'The sender ended before it received the response.', false FROM due WHERE abandoned)
  UPDATE notifications n
  SET lease = gen_random_uuid(), attempts = n.attempts + 1, recipient = due.email,
    next_attempt_at = clock_timestamp() + $2 * interval '1 ms'
  FROM due WHERE n.id = due.id
  RETURNING n.id, n.user_id, due.email, due.display_name, due.locale, n.template, n.facts, due.send, n.attempts, n.lease`,
  { columns: { send: "not null", lease: "not null" } },
);

const LOGGED = `WITH logged AS (
    INSERT INTO delivery_attempts (notification_id, send, outcome, delivered) VALUES ($1, $2, $3, $4))
  UPDATE notifications SET subject = $5, lease = NULL`;

/** The next send, if one was asked for meanwhile, begins at once. */
const CLOSE = statement(
  "notifications.close",
  `${LOGGED}, sends_done = $2::int, attempts = 0, next_attempt_at = now(),
    status = CASE WHEN sends_requested > $2::int THEN 'queued' ELSE $6 END
  WHERE id = $1 AND sends_done = $2::int - 1 AND (lease = $7 OR $4)`,
);

const RETRY = statement(
  "notifications.retry",
  `${LOGGED}, attempts = $6, next_attempt_at = clock_timestamp() + $8 * interval '1 ms'
  WHERE id = $1 AND sends_done = $2::int - 1 AND lease = $7`,
);

type Row = RowOf<typeof CLAIM>;

/** The part of the store that senders of several replicas share. The database's clock rules. */
export function createDeliveryQueue(db: Database): Pick<Notifications, "claim" | "record"> {
  return {
    async claim(limit, leaseMs) {
      const rows = await db.query(CLAIM, [limit, leaseMs]);
      return rows.map(({ id, template, facts, send, attempts, lease, ...row }) => {
        return { id, story: { template, facts } as Story, recipient: recipientOf(row), send, attempt: attempts, lease };
      });
    },
    async record({ id, send, lease }, { subject, outcome: { kind, detail }, verdict }) {
      const values = [id, send, detail, kind === "taken", subject] as const;
      if (verdict.status === "queued") {
        const { attempts, retryInMs } = verdict;
        await db.query(RETRY, [...values, attempts, lease, retryInMs]);
      } else {
        await db.query(CLOSE, [...values, verdict.status, lease]);
      }
    },
  };
}

function recipientOf(row: Pick<Row, "user_id" | "email" | "display_name" | "locale">): Recipient {
  return { userId: row.user_id, email: row.email, displayName: row.display_name, locale: row.locale };
}
