import type { Tx } from "@kontor/postgres";
import { injectTrace } from "@kontor/telemetry";
import type { OutgoingEvent } from "./event.ts";
import { VERSION_HEADER } from "./event-version.ts";
import { statement } from "./gen/statements.ts";

const INSERT = statement(
  "outbox.append",
  `INSERT INTO outbox (id, type, key, payload, headers)
  SELECT id, type, key, payload, headers::jsonb
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[]) WITH ORDINALITY
    AS event (id, type, key, payload, headers, place)
  ORDER BY place`,
);

const observers = new Map<() => void, string>();

/** Where events go: into the transaction of the change that they describe. */
export const outbox = {
  /**
   * Records events to be published after the commit, in this order, by one statement. Each has the trace in which it was made, so the
   * events of several callers can be appended together. Take the locks of the aggregates' rows first: that is what orders the events of one
   * key between transactions.
   */
  append: async (tx: Tx, events: readonly OutgoingEvent[]): Promise<void> => {
    if (events.length === 0) return;
    const active: Record<string, string> = {};
    injectTrace(active);
    const values = [
      events.map(({ id }) => id),
      events.map(({ type }) => type),
      events.map(({ key }) => key),
      events.map(({ payload }) => Buffer.from(payload)),
      events.map((event) => headersOf(event, active)),
    ] as const;
    await tx.query(INSERT, values);
    tx.afterCommit(() => announce(events));
  },
  /**
   * Wakes the relay of the service of these events; without events all relays of this process. Call it after the commit of events that a
   * statement of one's own has stored (`appendEventsOf`).
   */
  wake: announce,
};

/** Returns the headers of an event's row. `active` is the trace of an event without one. */
export function headersOf({ version, trace }: OutgoingEvent, active: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({ ...(trace ?? active), ...(version === 1 ? {} : { [VERSION_HEADER]: String(version) }) });
}

/** Calls `wake` whenever this process has committed events of a proto package, until the returned function is called. */
export function onAppended(eventsOf: string, wake: () => void): () => void {
  observers.set(wake, `${eventsOf}.`);
  return () => observers.delete(wake);
}

function announce(events?: readonly OutgoingEvent[]): void {
  for (const [wake, prefix] of observers)
    if (events === undefined || events.some(({ type }) => type.startsWith(prefix))) wake();
}
