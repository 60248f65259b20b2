/** Facts about an event that are not part of it: who caused it, the request, the trace. Must be JSON. */
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

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** How events become JSON and back. Old shapes are raised to the current one in `decode`. */
export interface EventCodec<Event> {
  /** Returns the event as JSON, without its type. */
  readonly encode: (event: Event) => object;
  /** Returns the event of a stored JSON. */
  readonly decode: (type: string, data: Json) => Event;
}

export type EventRow = {
  readonly stream_id: string;
  readonly version: bigint;
  readonly position: bigint;
  readonly type: string;
  readonly data: Json;
  readonly metadata: EventMetadata;
  readonly recorded_at: Date;
};

export const eventColumns = "stream_id, version, position, type, data, metadata, recorded_at";

export function recorded<Event>(row: EventRow, codec: EventCodec<Event>): Recorded<Event> {
  return {
    streamId: row.stream_id,
    version: Number(row.version),
    position: row.position,
    event: codec.decode(row.type, row.data),
    metadata: row.metadata,
    recordedAt: row.recorded_at,
  };
}

/** Returns a codec that stores the event without its type, which has a column of its own. */
export function plainCodec<Event extends { readonly type: string }>(): EventCodec<Event> {
  return {
    encode: ({ type: _, ...data }) => data,
    decode: (type, data) => ({ ...(data as object), type }) as Event,
  };
}
