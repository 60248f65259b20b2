import { randomUUIDv7 } from "node:crypto";
import type { Database, RowOf } from "@kontor/postgres";
import type { Notification } from "../domain/notification.ts";
import { statement } from "../gen/statements.ts";
import type { Notifications } from "../ports.ts";
import { createDeliveryQueue } from "./delivery-queue.ts";

/** Events of payments do not name the number of the order; earlier notifications about it do. */
const QUEUE = statement(
  "notifications.queue",
  `INSERT INTO notifications (id, event_id, user_id, order_id, template, facts)
  SELECT id, event_id, user_id, order_id, template, coalesce((
    SELECT jsonb_build_object('orderNumber', n.facts -> 'orderNumber') FROM notifications n
    WHERE n.order_id = queued.order_id AND n.facts ? 'orderNumber' ORDER BY n.id DESC LIMIT 1
  ), '{}') || facts::jsonb
  FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) AS queued (id, event_id, user_id, order_id, template, facts)
  ORDER BY event_id
  ON CONFLICT (event_id) DO NOTHING`,
);

/** One more send of a finished one begins now; one that waits for a retry need not wait longer. */
const RESEND = statement(
  "notifications.resend",
  `UPDATE notifications SET sends_requested = sends_requested + 1, status = 'queued',
    next_attempt_at = CASE WHEN lease IS NULL THEN now() ELSE next_attempt_at END
  WHERE id = $1 RETURNING id`,
);

const SELECT = `SELECT n.id, n.user_id AS "userId", n.order_id AS "orderId", n.template, n.channel, n.subject, n.status,
    CASE WHEN n.recipient = '' THEN coalesce(r.email, '') ELSE n.recipient END AS recipient, n.created_at AS "createdAt"
  FROM notifications n LEFT JOIN recipients r USING (user_id)`;

const FIND = statement("notifications.find", `${SELECT} WHERE n.id = $1`);

const LIST = statement(
  "notifications.list",
  `${SELECT}
  WHERE ($1::text IS NULL OR n.user_id = $1) AND ($2::text IS NULL OR n.order_id = $2)
    AND ($3::text IS NULL OR n.status = $3) AND ($4::text IS NULL OR n.id < $4)
  ORDER BY n.id DESC LIMIT $5`,
  { prepared: false },
);

const ATTEMPTS = statement(
  "notifications.attempts",
  `SELECT notification_id AS "notificationId", at, outcome, delivered FROM delivery_attempts
  WHERE notification_id = ANY ($1) ORDER BY id`,
);

const OLDEST_OVERDUE = statement(
  "notifications.oldest-overdue",
  `SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS age
  FROM notifications WHERE status = 'queued' AND next_attempt_at <= now()`,
  { prepared: false },
);

/** PostgreSQL refuses such texts, so no row has them. */
const impossible = (text: string | undefined) => text?.includes("\0") ?? false;

/** Notifications in PostgreSQL. Ids are UUIDs of version 7, so that their order is the order they were made in. */
export function createNotificationStore(db: Database): Notifications {
  async function withAttempts(rows: readonly RowOf<typeof FIND>[]): Promise<Notification[]> {
    if (rows.length === 0) return [];
    const attempts = Map.groupBy(
      await db.query(ATTEMPTS, [rows.map(({ id }) => id)]),
      ({ notificationId }) => notificationId,
    );
    return rows.map((row) => ({ ...row, attempts: attempts.get(row.id) ?? [] }));
  }

  async function find(id: string): Promise<Notification | undefined> {
    if (impossible(id)) return undefined;
    const rows = await db.query(FIND, [id]);
    return (await withAttempts(rows))[0];
  }

  return {
    ...createDeliveryQueue(db),
    find,
    async queue(tx, notifications) {
      const stories = notifications.map(({ story }) => story);
      await tx.query(QUEUE, [
        notifications.map(() => randomUUIDv7()),
        notifications.map(({ eventId }) => eventId),
        notifications.map(({ userId }) => userId),
        stories.map(({ facts }) => facts.orderId),
        stories.map(({ template }) => template),
        stories.map(({ facts }) => JSON.stringify(facts)),
      ]);
    },
    async resend(id) {
      if (impossible(id)) return undefined;
      const [row] = await db.query(RESEND, [id]);
      return row && find(id);
    },
    async list({ userId, orderId, status, before, limit }) {
      if (impossible(userId) || impossible(orderId)) return [];
      const filters = [userId ?? null, orderId ?? null, status ?? null, before ?? null] as const;
      return withAttempts(await db.reads.query(LIST, [...filters, limit]));
    },
    async oldestOverdue() {
      const [row] = await db.query(OLDEST_OVERDUE);
      return row?.age ?? 0;
    },
  };
}
