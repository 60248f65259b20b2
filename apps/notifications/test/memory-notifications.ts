import { randomUUID, randomUUIDv7 } from "node:crypto";
import type { MemoryDatabase } from "@kontor/testing/memory-database";
import type { Notification } from "../src/domain/notification.ts";
import type { Story } from "../src/domain/story.ts";
import type { Attempt, Due, Filter, Notifications, Recipient, Recipients } from "../src/ports.ts";

interface Row extends Notification {
  readonly eventId: string;
  readonly story: Story;
  readonly sendsRequested: number;
  readonly sendsDone: number;
  /** Attempts of the present send. */
  readonly attempted: number;
  readonly lease?: string | undefined;
  readonly nextAttemptAt: Date;
}

interface KnownRecipient extends Recipient {
  readonly updatedAt: Date;
}

/** The stores of notifications, in memory. */
export interface MemoryNotifications {
  readonly notifications: Notifications;
  readonly recipients: Recipients;
}

/** Creates notifications and their recipients in memory. `now` is the clock of the store. */
export function createMemoryNotifications(db: MemoryDatabase, now: () => Date): MemoryNotifications {
  const rows = db.table<string, Row>();
  const recipients = db.table<string, KnownRecipient>();
  const later = (ms: number) => new Date(now().getTime() + ms);

  function publicOf({ id, userId, orderId, template, channel, ...row }: Row): Notification {
    const recipient = row.recipient || recipients.rows().get(userId)?.email || "";
    const { subject, status, attempts, createdAt } = row;
    return { id, userId, orderId, template, channel, recipient, subject, status, attempts, createdAt };
  }

  /** Returns the number of the order of a story, which an earlier notification may have named. */
  function numberOf(orderId: string, known: readonly Row[]) {
    const named = known.filter((row) => row.orderId === orderId && row.story.facts.orderNumber !== undefined);
    const last = named.toSorted(newestFirst)[0];
    return last && { orderNumber: last.story.facts.orderNumber };
  }

  function queued(story: Story, known: readonly Row[]): Story {
    return { ...story, facts: { ...numberOf(story.facts.orderId, known), ...story.facts } } as Story;
  }

  return {
    recipients: {
      async put(tx, recipient, at) {
        const known = recipients.rows(tx).get(recipient.userId);
        if (known === undefined || known.updatedAt <= at)
          recipients.rows(tx).set(recipient.userId, { ...recipient, updatedAt: at });
      },
    },
    notifications: {
      async queue(tx, notifications) {
        const known = [...rows.rows(tx).values()];
        for (const { eventId, userId, story } of notifications) {
          if ([...rows.rows(tx).values()].some((row) => row.eventId === eventId)) continue;
          const id = randomUUIDv7();
          const { template, facts } = story;
          const content = { eventId, userId, orderId: facts.orderId, template, story: queued(story, known) };
          const unsent = { channel: "email", recipient: "", subject: "", status: "queued", attempts: [] } as const;
          const times = { createdAt: now(), nextAttemptAt: now() };
          rows.rows(tx).set(id, { id, ...content, ...unsent, ...times, sendsRequested: 1, sendsDone: 0, attempted: 0 });
        }
      },
      claim: (limit, leaseMs) =>
        db.transaction(async (tx) => {
          const due = [...rows.rows(tx).values()]
            .filter(({ status, nextAttemptAt }) => status === "queued" && nextAttemptAt <= now())
            .filter(({ userId }) => recipients.rows(tx).has(userId))
            .sort((a, b) => a.nextAttemptAt.getTime() - b.nextAttemptAt.getTime())
            .slice(0, limit);
          return due.map((row): Due => {
            const { updatedAt: _, ...recipient } = recipients.rows(tx).get(row.userId) as KnownRecipient;
            const lease = randomUUID();
            const attempted = row.attempted + 1;
            const abandoned = "The sender ended before it received the response.";
            const logged = row.lease === undefined ? row : withAttempt(row, abandoned, false, now());
            const claimed = { lease, attempted, recipient: recipient.email, nextAttemptAt: later(leaseMs) };
            rows.rows(tx).set(row.id, { ...logged, ...claimed });
            return { id: row.id, story: row.story, recipient, send: row.sendsDone + 1, attempt: attempted, lease };
          });
        }),
      record: (due, attempt) =>
        db.transaction(async (tx) => {
          const row = rows.rows(tx).get(due.id);
          if (row === undefined) throw new Error(`There is no notification ${due.id}.`);
          const delivered = attempt.outcome.kind === "taken";
          const logged = withAttempt(row, attempt.outcome.detail, delivered, now());
          rows.rows(tx).set(due.id, { ...logged, ...afterAttempt(row, due, attempt, now()) });
        }),
      resend: (id) =>
        db.transaction(async (tx) => {
          const row = rows.rows(tx).get(id);
          if (row === undefined) return undefined;
          const nextAttemptAt = row.lease === undefined ? now() : row.nextAttemptAt;
          const requested = { status: "queued", sendsRequested: row.sendsRequested + 1, nextAttemptAt } as const;
          rows.rows(tx).set(id, { ...row, ...requested });
          return publicOf({ ...row, ...requested });
        }),
      async find(id) {
        const row = rows.rows().get(id);
        return row && publicOf(row);
      },
      async list(filter) {
        const found = [...rows.rows().values()].filter((row) => matches(row, filter));
        return found.sort(newestFirst).slice(0, filter.limit).map(publicOf);
      },
      async oldestOverdue() {
        const overdue = [...rows.rows().values()].filter(
          ({ status, nextAttemptAt }) => status === "queued" && nextAttemptAt <= now(),
        );
        return Math.max(0, ...overdue.map(({ createdAt }) => (now().getTime() - createdAt.getTime()) / 1_000));
      },
    },
  };
}

const newestFirst = (a: Row, b: Row): number => (a.id < b.id ? 1 : -1);

function matches(row: Row, { userId, orderId, status, before }: Filter): boolean {
  return (
    (userId === undefined || row.userId === userId) &&
    (orderId === undefined || row.orderId === orderId) &&
    (status === undefined || row.status === status) &&
    (before === undefined || row.id < before)
  );
}

function withAttempt(row: Row, outcome: string, delivered: boolean, at: Date): Row {
  return { ...row, attempts: [...row.attempts, { at, outcome, delivered }] };
}

/** Returns what an attempt changes: nothing when the send is over or its lease was lost, unless the mail was taken. */
function afterAttempt(row: Row, due: Due, { subject, outcome, verdict }: Attempt, at: Date): Partial<Row> {
  const current = row.sendsDone === due.send - 1;
  const leased = row.lease === due.lease;
  if (verdict.status === "queued") {
    const nextAttemptAt = new Date(at.getTime() + verdict.retryInMs);
    return current && leased ? { subject, lease: undefined, attempted: verdict.attempts, nextAttemptAt } : {};
  }
  if (!current || !(leased || outcome.kind === "taken")) return {};
  const status = row.sendsRequested > due.send ? "queued" : verdict.status;
  return { subject, lease: undefined, sendsDone: due.send, attempted: 0, nextAttemptAt: at, status };
}
