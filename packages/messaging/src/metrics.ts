import type { Database } from "@kontor/postgres";
import { counter, gauge, histogram } from "@kontor/telemetry";
import { statement } from "./gen/statements.ts";

const WHILE_COUNTING = 10_000;

/** The counters of messaging in this process. */
export const metrics = {
  relayPublished: counter("kontor_relay_published_total", "Events the relay has handed to the stream.", ["service"]),
  reconcilerRepaired: counter(
    "kontor_reconciler_repaired_total",
    "Events published again because the stream had lost them.",
    ["service"],
  ),
  foreign: counter("kontor_stream_foreign_messages_total", "Messages of other clients in the stream of this service.", [
    "stream",
  ]),
  messages: counter("kontor_consumer_messages_total", "Messages by outcome.", ["consumer", "type", "result"]),
  duration: histogram("kontor_consumer_duration_seconds", "Time from taking a message to its outcome.", ["consumer"]),
  lag: histogram(
    "kontor_consumer_lag_seconds",
    "Time from recording an event to its effect, of those that had one.",
    ["consumer"],
    [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  ),
  pending: gauge("kontor_consumer_pending", "Messages in the stream that the consumer has not settled.", ["consumer"]),
};

const bounded = (table: string, condition: string) =>
  `SELECT count(*)::int AS value FROM (SELECT 1 FROM ${table} WHERE ${condition} LIMIT ${WHILE_COUNTING}) AS rows`;

const DEPTH = statement("metrics.outbox-depth", bounded("outbox", "published_at IS NULL"), { prepared: false });
const DEFERRED = statement("metrics.deferred", bounded("deferred_messages", "true"), { prepared: false });
const DEFERRED_AGE = statement(
  "metrics.deferred-age",
  `SELECT coalesce(extract(epoch FROM clock_timestamp() - min(deferred_at)), 0)::float8 AS value
  FROM deferred_messages WHERE attempts > 0`,
  { prepared: false, columns: { value: "not null" } },
);
const DEAD = statement("metrics.dead-letters", bounded("dead_letters", "resolved_at IS NULL"), { prepared: false });
const AGE = statement(
  "metrics.outbox-age",
  `SELECT coalesce((SELECT extract(epoch FROM clock_timestamp() - created_at)
    FROM outbox WHERE published_at IS NULL ORDER BY seq LIMIT 1), 0)::float8 AS value`,
  { prepared: false, columns: { value: "not null" } },
);

const tables = new Map<string, Database>();

/** Exposes the state of the outbox and the dead letters of a service; read at each scrape, at bounded cost. */
export function exposeTables(service: string, db: Database): void {
  tables.set(service, db);
}

function measure(name: string, help: string, query: typeof DEPTH): void {
  gauge(name, help, ["service"], async (to) => {
    const shown = [...tables].map(async ([service, db]) => {
      const [row] = await db.query(query).catch(() => []); // A scrape outlives a database that is away.
      if (row) to.set({ service }, row.value);
    });
    await Promise.all(shown);
  });
}

measure("kontor_outbox_depth", `Unsent events, counted up to ${WHILE_COUNTING}.`, DEPTH);
measure(
  "kontor_deferred_messages",
  `Messages that failed or wait behind one that did, counted up to ${WHILE_COUNTING}.`,
  DEFERRED,
);
measure(
  "kontor_deferred_age_seconds",
  "Time since the first failure of the message that fails for longest.",
  DEFERRED_AGE,
);
measure("kontor_dead_letters", `Unresolved dead letters, counted up to ${WHILE_COUNTING}.`, DEAD);
measure("kontor_outbox_age_seconds", "Age of the first unsent event.", AGE);
