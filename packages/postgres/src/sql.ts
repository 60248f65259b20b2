import { withSpan } from "@kontor/telemetry";
import type { ClientBase } from "pg";

/** A row whose columns nobody declared. */
export type Row = Record<string, unknown>;

/** How one query is run. */
export interface QueryOptions {
  /** Prepares the statement once per connection under this name: at most 63 bytes, always with the same text. */
  readonly name?: string;
}

/** Something that answers queries: a database, or a transaction in it. */
export interface Sql {
  /**
   * Runs one statement and answers its rows. `int8` comes as bigint, `numeric` and `date` as string, `timestamptz` and
   * `timestamp` (taken as UTC) as Date, `jsonb` parsed. A value that is an array is sent as a PostgreSQL array, so a JSON
   * array needs `JSON.stringify`.
   *
   * @throws KontorError UNAVAILABLE if the database cannot be reached (which does not prove that nothing happened),
   * DEADLINE_EXCEEDED or ABORTED if the statement or its lock took too long. Constraint violations stay `pg` errors.
   */
  query<R extends object = Row>(text: string, values?: readonly unknown[], options?: QueryOptions): Promise<R[]>;
}

/** Runs a statement on one connection in a span that holds its text, never its values. */
export function runQuery<R extends object>(
  client: ClientBase,
  text: string,
  values?: readonly unknown[],
  options?: QueryOptions,
): Promise<R[]> {
  const attributes = { "db.system.name": "postgresql", "db.operation.name": operation(text), "db.query.text": text };
  const span = { kind: "client", onlyAsChild: true, attributes } as const;
  return withSpan(options?.name ?? operation(text), span, async () => {
    const named = options?.name === undefined ? {} : { name: options.name };
    const result = await client.query<R & Row>({ text, ...named, ...(values && { values: [...values] }) });
    return result.rows;
  });
}

function operation(text: string): string {
  return /\w+/.exec(text)?.[0].toUpperCase() ?? "QUERY";
}
