import type { Sql, Tx } from "@kontor/postgres";
import { createAppend } from "./append.ts";
import type { EventCodec } from "./codec.ts";
import type { Projection } from "./projection.ts";
import { type EventMetadata, type Recorded, recorded } from "./recorded.ts";
import { defaultTables, load, read, snapshot, type Tables, textsOf } from "./statements.ts";

/** The codec of the events; the rest has a default. */
export interface EventStoreOptions<Event> {
  /** How events become JSON and back, as {@link defineEvents} returns it. */
  readonly codec: EventCodec<Event>;
  /** Names of the tables, default `events` and `snapshots`. */
  readonly tables?: Tables;
  /** Run in the appending transaction, in this order. */
  readonly projections?: readonly Projection<Event>[];
  /** A snapshot is taken every `every` events (default 50) and ignored when its `schemaVersion` (default 1) is another. */
  readonly snapshots?: { readonly every?: number; readonly schemaVersion?: number };
}

/** How events fold into a state. The state must be JSON if snapshots are taken. */
export interface Fold<State, Event> {
  /** The state before the first event. */
  readonly initial: State;
  /** Returns the state after an event. Pure: it reads no clock and changes nothing. */
  readonly apply: (state: State, event: Event) => State;
}

/** The options of an append. */
export interface AppendOptions {
  /** Facts about the events that are not part of them. Default: none. */
  readonly metadata?: EventMetadata;
  /** The state after these events: given, it becomes a snapshot in the same transaction when one is due. */
  readonly state?: object;
}

/** Append-only streams of events. */
export interface EventStore<Event> {
  /** Name of the table of events. */
  readonly table: string;
  /** How events become JSON and back. */
  readonly codec: EventCodec<Event>;
  /**
   * Appends in one statement and runs the projections, together with the appends that come at the same time in the transaction.
   * `expectedVersion` is the version the events were decided on, 0 for
   * a new stream. Throws ABORTED `VERSION_CONFLICT` if the stream has another version; the transaction must then be rolled back.
   */
  append(
    tx: Tx,
    streamId: string,
    expectedVersion: number,
    events: readonly Event[],
    options?: AppendOptions,
  ): Promise<Recorded<Event>[]>;
  /** Reads a stream in order; `from` and `to` are versions, inclusive. */
  read(
    sql: Sql,
    streamId: string,
    range?: { readonly from?: number; readonly to?: number },
  ): Promise<Recorded<Event>[]>;
  /** Folds a stream, from its latest snapshot if there is a usable one. Version 0 is a stream that does not exist. */
  load<State>(
    sql: Sql,
    streamId: string,
    fold: Fold<State, Event>,
  ): Promise<{ readonly state: State; readonly version: number }>;
}

/**
 * Creates a store over the tables of `eventStoreTables`.
 *
 * ```ts
 * import { openDatabase } from "@kontor/postgres";
 * import * as z from "zod/mini";
 * type Counted = { type: "counted"; by: number };
 * const db = openDatabase({ url: "postgresql://orders_run@localhost/orders", service: "orders" });
 * const codec = defineEvents<Counted>({ counted: { shape: { encode: (facts) => facts, decode: (data) => z.parse(z.object({ by: z.int() }), data) } } });
 * const store = createEventStore<Counted>({ codec });
 * const fold = { initial: { total: 0 }, apply: (state: { total: number }, event: Counted) => ({ total: state.total + event.by }) };
 * await db.transaction(async (tx) => {
 *   const { version } = await store.load(tx, "counter-1", fold);
 *   await store.append(tx, "counter-1", version, [{ type: "counted", by: 1 }]);
 * });
 * ```
 */
export function createEventStore<Event extends { readonly type: string }>(
  options: EventStoreOptions<Event>,
): EventStore<Event> {
  const { codec, projections = [], tables = defaultTables } = options;
  const { every = 50, schemaVersion = 1 } = options.snapshots ?? {};
  const texts = textsOf(tables);

  const append = createAppend<Event>({ texts, codec, projections });

  return {
    table: tables.events,
    codec,
    async append(tx, streamId, expectedVersion, events, { metadata = {}, state } = {}) {
      if (events.length === 0) return [];
      const stored = await append(tx, { streamId, expectedVersion, events, metadata });
      const version = expectedVersion + events.length;
      if (state !== undefined && Math.floor(version / every) > Math.floor(expectedVersion / every)) {
        await tx.query(snapshot(texts, [streamId, version, schemaVersion, JSON.stringify(state)]));
      }
      return stored;
    },
    async read(from, streamId, range = {}) {
      const rows = await from.query(read(texts, [streamId, range.from ?? 1, range.to ?? null]));
      return rows.map((row) => recorded(row, codec));
    },
    async load(from, streamId, { initial, apply }) {
      let state = initial;
      let version = 0;
      const rows = await from.query(load(texts, [streamId, schemaVersion]));
      for (const row of rows) {
        const { type, schema_version: schemaVersion, data } = row;
        version = Number(row.version);
        if (type === null) state = data as typeof initial;
        else state = apply(state, codec.decode({ type, schemaVersion, data }, { streamId, version }));
      }
      return { state, version };
    },
  };
}
