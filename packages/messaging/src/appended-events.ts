import { injectTrace } from "@kontor/telemetry";
import type { OutgoingEvent } from "./event.ts";
import { VERSION_HEADER } from "./event-version.ts";

/** Events of one change as rows of the outbox. */
export type OutboxRows = readonly OutboxRow[];

interface OutboxRow extends Pick<OutgoingEvent, "id" | "type" | "key"> {
  readonly payload: Buffer;
  readonly headers: string;
}

/** Returns the rows of events with the active trace. Call it in the context of the change, before the change joins others. */
export function outboxRows(events: readonly OutgoingEvent[]): OutboxRows {
  const trace: Record<string, string> = {};
  injectTrace(trace);
  return events.map(({ id, type, key, payload, version }) => {
    const headers = JSON.stringify(version === 1 ? trace : { ...trace, [VERSION_HEADER]: String(version) });
    return { id, type, key, payload: Buffer.from(payload), headers };
  });
}

/**
 * The INSERT of a statement that stores several changes and their events. Its parameters $1 to $6 are those of {@link appendedValues}. `changes`
 * is a query of the statement whose column `place` names the changes that were stored, from 1; the events of the others are left out. Lock the
 * rows of the aggregates in that query: that is what orders the events of one key between transactions.
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

/** Returns the parameters of {@link appendEventsOf}: the events of each change, in order. */
export function appendedValues(changes: readonly OutboxRows[]) {
  const events = changes.flatMap((rows, index) => rows.map((row) => ({ ...row, place: index + 1 })));
  return [
    events.map(({ place }) => place),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ key }) => key),
    events.map(({ payload }) => payload),
    events.map(({ headers }) => headers),
  ] as const;
}
