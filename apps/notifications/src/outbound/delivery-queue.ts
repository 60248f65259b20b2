import { createBatch } from "@kontor/batch";
import type { Database, RowOf } from "@kontor/postgres";
import type { Story } from "../domain/story.ts";
import { statement } from "../gen/statements.ts";
import type { Due, Notifications, Recipient } from "../ports.ts";

/** An unreleased lease belongs to a crashed process; it is logged. */
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

/** The next send, if one was requested meanwhile, begins at once. */
const CLOSE = statement(
  "notifications.close",
  `WITH attempt AS (
    SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::uuid[]) WITH ORDINALITY
      AS attempt (id, send, outcome, delivered, subject, status, lease, place)
  ), logged AS (
    INSERT INTO delivery_attempts (notification_id, send, outcome, delivered)
    SELECT id, send, outcome, delivered FROM attempt ORDER BY place
  ), locked AS MATERIALIZED (
    SELECT id, sends_done, lease FROM notifications WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE
  ), closing AS (
    SELECT DISTINCT ON (attempt.id) attempt.* FROM attempt JOIN locked USING (id)
    WHERE sends_done = send - 1 AND (locked.lease = attempt.lease OR delivered) ORDER BY attempt.id, place
  )
  UPDATE notifications n SET subject = closing.subject, lease = NULL, sends_done = send, attempts = 0, next_attempt_at = now(),
    status = CASE WHEN sends_requested > send THEN 'queued' ELSE closing.status END
  FROM closing WHERE n.id = closing.id`,
);

const RETRY = statement(
  "notifications.retry",
  `WITH logged AS (
    INSERT INTO delivery_attempts (notification_id, send, outcome, delivered) VALUES ($1, $2, $3, $4))
  UPDATE notifications SET subject = $5, lease = NULL, attempts = $6, next_attempt_at = clock_timestamp() + $8 * interval '1 ms'
  WHERE id = $1 AND sends_done = $2::int - 1 AND lease = $7`,
);

type Row = RowOf<typeof CLAIM>;

/** The last attempt of a send. */
interface Closing {
  readonly due: Due;
  readonly subject: string;
  readonly detail: string;
  readonly delivered: boolean;
  readonly status: "sent" | "failed";
}

/** Creates the part of the store that senders of several replicas share. Times are those of the database. */
export function createDeliveryQueue(db: Database): Pick<Notifications, "claim" | "record"> {
  const close = createBatch<Closing, void>({
    name: "notifications.close",
    maxFlights: 2,
    async run(closings) {
      await db.query(CLOSE, columnsOf(closings));
      return closings.map(() => undefined);
    },
  });
  return {
    async claim(limit, leaseMs) {
      const rows = await db.query(CLAIM, [limit, leaseMs]);
      return rows.map(({ id, template, facts, send, attempts, lease, ...row }) => {
        return { id, story: { template, facts } as Story, recipient: recipientOf(row), send, attempt: attempts, lease };
      });
    },
    async record(due, { subject, outcome: { kind, detail }, verdict }) {
      const attempt = { due, subject, detail, delivered: kind === "taken" };
      if (verdict.status !== "queued") return close({ ...attempt, status: verdict.status });
      const { attempts, retryInMs } = verdict;
      const values = [due.id, due.send, detail, attempt.delivered, subject] as const;
      await db.query(RETRY, [...values, attempts, due.lease, retryInMs]);
    },
  };
}

function columnsOf(closings: readonly Closing[]) {
  return [
    closings.map(({ due }) => due.id),
    closings.map(({ due }) => due.send),
    closings.map(({ detail }) => detail),
    closings.map(({ delivered }) => delivered),
    closings.map(({ subject }) => subject),
    closings.map(({ status }) => status),
    closings.map(({ due }) => due.lease),
  ] as const;
}

function recipientOf(row: Pick<Row, "user_id" | "email" | "display_name" | "locale">): Recipient {
  return { userId: row.user_id, email: row.email, displayName: row.display_name, locale: row.locale };
}
