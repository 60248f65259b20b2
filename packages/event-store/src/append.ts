import { createJoin } from "@kontor/batch";
import { isUniqueViolation, type Tx } from "@kontor/postgres";
import type { EventCodec } from "./codec.ts";
import { eventStoreErrors } from "./errors.ts";
import type { Projection } from "./projection.ts";
import type { EventMetadata, Recorded } from "./recorded.ts";
import { append as appendTo, type textsOf } from "./statements.ts";

/** Events for one stream. */
export interface Append<Event> {
  readonly streamId: string;
  readonly expectedVersion: number;
  /** The events, at least one. */
  readonly events: readonly Event[];
  readonly metadata: EventMetadata;
}

/** The dependencies of an append: the tables, the codec of the events, and the projections that follow them. */
export interface AppendPlace<Event> {
  readonly texts: ReturnType<typeof textsOf>;
  readonly codec: EventCodec<Event>;
  readonly projections: readonly Projection<Event>[];
}

/** Thrown when another transaction appended to one of the streams meanwhile. */
class StreamMoved extends Error {}

/**
 * Creates the append of a store. Appends that come at the same time in a transaction are one statement, and one call of each projection.
 * Several to one stream follow each other.
 */
export function createAppend<Event extends { readonly type: string }>(place: AppendPlace<Event>) {
  const join = createJoin(async (tx: Tx, appends: readonly Append<Event>[]): Promise<Recorded<Event>[][]> => {
    const results = new Map<Append<Event>, Recorded<Event>[]>();
    for (let rest = appends; rest.length > 0; ) {
      const streams = new Map(rest.toReversed().map((append) => [append.streamId, append])); // The first of each stream.
      const now = rest.filter((append) => streams.get(append.streamId) === append);
      rest = rest.filter((append) => !now.includes(append));
      const stored = await appendAll(tx, place, now);
      for (const [index, append] of now.entries()) results.set(append, stored[index] ?? []);
    }
    return appends.map((append) => results.get(append) ?? []);
  });

  /** Throws ABORTED `VERSION_CONFLICT` if the stream has moved on. */
  return async (tx: Tx, append: Append<Event>): Promise<Recorded<Event>[]> => {
    const { streamId, expectedVersion } = append;
    const stored = await join(tx, append).catch((cause: unknown) => {
      if (!(cause instanceof StreamMoved)) throw cause;
      throw eventStoreErrors.VERSION_CONFLICT({ streamId, expectedVersion }, { cause });
    });
    if (stored.length === 0) throw eventStoreErrors.VERSION_CONFLICT({ streamId, expectedVersion });
    return stored;
  };
}

async function appendAll<Event extends { readonly type: string }>(
  tx: Tx,
  { texts, codec, projections }: AppendPlace<Event>,
  appends: readonly Append<Event>[],
): Promise<Recorded<Event>[][]> {
  const rows = appends.flatMap(({ streamId, expectedVersion, events, metadata }) => {
    const text = JSON.stringify(metadata);
    return events.map((event, index) => ({
      ...{ streamId, expectedVersion, nth: index + 1, text, encoded: codec.encode(event) },
    }));
  });
  const inserted = tx.query(
    appendTo(texts, [
      rows.map(({ streamId }) => streamId),
      rows.map(({ expectedVersion }) => expectedVersion),
      rows.map(({ nth }) => nth),
      rows.map(({ encoded }) => encoded.type),
      rows.map(({ encoded }) => JSON.stringify(encoded.data)),
      rows.map(({ text }) => text),
      rows.map(({ encoded }) => encoded.schemaVersion),
    ]),
  );
  const stored = await inserted.catch((cause: unknown) => {
    throw isUniqueViolation(cause) ? new StreamMoved("One of the streams has moved on.", { cause }) : cause;
  });
  const facts = new Map(stored.map((row) => [`${row.version} ${row.stream_id}`, row]));
  const recorded = appends.map(({ streamId, expectedVersion, events, metadata }) =>
    events.flatMap((event, index): Recorded<Event>[] => {
      const version = expectedVersion + index + 1;
      const row = facts.get(`${version} ${streamId}`);
      if (row === undefined) return [];
      return [{ streamId, version, position: row.position, recordedAt: row.recorded_at, event, metadata }];
    }),
  );
  const all = recorded.flat();
  if (all.length > 0) for (const projection of projections) await projection.apply(tx, all);
  return recorded;
}
