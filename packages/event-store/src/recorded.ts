import type { RowOf } from "@kontor/postgres";
import type { EventCodec } from "./codec.ts";
import type { read } from "./statements.ts";

/** Facts about an event that are not part of it: its user, the request, the trace. Must be JSON. */
export type EventMetadata = Readonly<Record<string, string>>;

/** An event as it was stored. */
export interface Recorded<Event> {
  /** The stream that it belongs to. */
  readonly streamId: string;
  /** 1 for the first event of a stream, without gaps. */
  readonly version: number;
  /** Order of insertion over all streams. Within a stream it grows with the version. */
  readonly position: bigint;
  /** The event itself. */
  readonly event: Event;
  /** Facts about the event that are not part of it. */
  readonly metadata: EventMetadata;
  /** When the transaction that appended it began, by the database's clock. */
  readonly recordedAt: Date;
}

export type EventRow = RowOf<ReturnType<typeof read>>;

/** Returns the metadata in an event's row. */
function aboutEvent(row: EventRow): Omit<Recorded<unknown>, "event"> {
  return {
    streamId: row.stream_id,
    version: Number(row.version),
    position: row.position,
    metadata: row.metadata,
    recordedAt: row.recorded_at,
  };
}

export function recorded<Event>(row: EventRow, codec: EventCodec<Event>): Recorded<Event> {
  const about = aboutEvent(row);
  const stored = { type: row.type, schemaVersion: row.schema_version, data: row.data };
  return { ...about, event: codec.decode(stored, about) };
}
