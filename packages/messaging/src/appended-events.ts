import type { OutgoingEvent } from "./event.ts";
import { headersOf } from "./outbox.ts";

/**
 * Returns the INSERT of a statement that stores several changes and their events. Its parameters $1 to $6 are those of
 * {@link appendedValues}. `changes` is a query of the statement whose column `place` numbers the changes that were stored, from 1; the events
 * of the others are left out. Lock the rows of the aggregates in that query: that is what orders the events of one key between transactions.
 *
 * ```ts
 * const text = `WITH saved AS (UPDATE notes SET seen = true WHERE id = ANY ($7) RETURNING array_position($7, id) AS place),
 *   appended AS (${appendEventsOf("saved")}) SELECT place FROM saved`;
 * ```
 */
export function appendEventsOf(changes: string): string {
  return `INSERT INTO outbox (id, type, key, payload, headers)
    SELECT event.id, event.type, event.key, event.payload, event.headers::jsonb
    FROM unnest($1::int[], $2::uuid[], $3::text[], $4::text[], $5::bytea[], $6::text[]) WITH ORDINALITY
      AS event (place, id, type, key, payload, headers, number)
    WHERE event.place IN (SELECT place FROM ${changes}) ORDER BY event.number`;
}

/** Returns the parameters of {@link appendEventsOf}: the events of each change, in order, each with the trace in which it was made. */
export function appendedValues(changes: readonly (readonly OutgoingEvent[])[]) {
  const events = changes.flatMap((ones, index) => ones.map((event) => ({ place: index + 1, event })));
  return [
    events.map(({ place }) => place),
    events.map(({ event }) => event.id),
    events.map(({ event }) => event.type),
    events.map(({ event }) => event.key),
    events.map(({ event }) => Buffer.from(event.payload)),
    events.map(({ event }) => headersOf(event)),
  ] as const;
}
