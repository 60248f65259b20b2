import { statement } from "./gen/statements.ts";

/** Names of the tables of a store. */
export interface Tables {
  readonly events: string;
  readonly snapshots: string;
}

/** The tables of a store that names no others. */
export const defaultTables: Tables = { events: "events", snapshots: "snapshots" };

const eventColumns = "stream_id, version, position, type, schema_version, data, metadata, recorded_at";

/** Returns the texts of the statements on the tables of one store. */
export function textsOf({ events, snapshots }: Tables) {
  return {
    events,
    // Of many streams at once, each of them once. The version is checked here against gaps, and by the primary key against concurrent appends.
    append: `
      INSERT INTO ${events} (stream_id, version, type, data, metadata, schema_version)
      SELECT e.stream_id, e.expected + e.nth, e.type, e.data::jsonb, e.metadata::jsonb, e.schema_version
      FROM unnest($1::text[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::int[]) WITH ORDINALITY
        AS e (stream_id, expected, nth, type, data, metadata, schema_version, place)
      WHERE (SELECT coalesce(max(version), 0) FROM ${events} s WHERE s.stream_id = e.stream_id) = e.expected
      ORDER BY e.place
      RETURNING stream_id, version, position, recorded_at`,
    read: `
      SELECT ${eventColumns} FROM ${events}
      WHERE stream_id = $1 AND version >= $2 AND version <= coalesce($3::bigint, version) ORDER BY version`,
    load: `
      WITH latest AS (SELECT version, state FROM ${snapshots} WHERE stream_id = $1 AND schema_version = $2)
      SELECT version, NULL AS type, $2 AS schema_version, state AS data FROM latest
      UNION ALL
      SELECT version, type, schema_version, data FROM ${events}
      WHERE stream_id = $1 AND version > coalesce((SELECT version FROM latest), 0)
      ORDER BY version`,
    snapshot: `
      INSERT INTO ${snapshots} (stream_id, version, schema_version, state) VALUES ($1, $2, $3, $4::jsonb)
      ON CONFLICT (stream_id) DO UPDATE
      SET version = excluded.version, schema_version = excluded.schema_version, state = excluded.state, taken_at = now()`,
  };
}

type Texts = ReturnType<typeof textsOf>;
const sample = textsOf(defaultTables);

/** Appends events to streams that have not moved on. `nth` counts the events of a stream from 1. */
export const append = statement.dynamic(
  "events.append",
  (
    { events, append: text }: Texts,
    values: readonly [
      streamIds: readonly string[],
      expected: readonly number[],
      nth: readonly number[],
      types: readonly string[],
      data: readonly string[],
      metadata: readonly string[],
      schemaVersions: readonly number[],
    ],
  ) => ({ text, values, prepared: `${events}.append` }),
  [[sample, [[""], [0], [1], [""], ["{}"], ["{}"], [1]]]],
);

/** Reads the events of a stream between two versions, inclusive. */
export const read = statement.dynamic(
  "events.read",
  ({ events, read: text }: Texts, values: readonly [streamId: string, from: number, to: number | null]) => {
    return { text, values, prepared: `${events}.read` };
  },
  [[sample, ["", 1, null]]],
);

/** Reads the latest snapshot of a stream and the events after it. */
export const load = statement.dynamic(
  "events.load",
  ({ events, load: text }: Texts, values: readonly [streamId: string, schemaVersion: number]) => {
    return { text, values, prepared: `${events}.load` };
  },
  [[sample, ["", 1]]],
  { columns: { version: "not null", schema_version: "not null", data: 'import("../codec.ts").Json' } },
);

/** Stores a snapshot. */
export const snapshot = statement.dynamic(
  "events.snapshot",
  (
    { snapshot: text }: Texts,
    values: readonly [streamId: string, version: number, schemaVersion: number, state: string],
  ) => ({ text, values }),
  [[sample, ["", 1, 1, "{}"]]],
);

/** Reads the events of all streams between two positions, the first one exclusive. */
export const readAll = statement.dynamic(
  "events.read-all",
  (table: string, values: readonly [after: bigint, upTo: bigint, limit: number]) => {
    const found = `SELECT ${eventColumns} FROM ${table} WHERE position > $1 AND position <= $2`;
    return { text: `${found} ORDER BY position LIMIT $3`, values };
  },
  [["events", [0n, 0n, 1]]],
);

/** Reads the highest position. */
export const last = statement.dynamic(
  "events.last",
  (table: string) => ({ text: `SELECT coalesce(max(position), 0) AS last FROM ${table}`, values: [] }),
  [["events"]],
);
