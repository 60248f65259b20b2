import { withSpan } from "@kontor/telemetry";
import type { ClientBase } from "pg";
import { isOutdatedPlan } from "./errors.ts";

/** A row of undeclared columns. */
export type Row = Record<string, unknown>;

/** How one query is run. */
export interface QueryOptions {
  /** Prepares the statement once per connection under this name: at most 56 bytes, always with the same text. */
  readonly name?: string;
}

/** Something that answers queries: a database, or a transaction in it. */
export interface Sql {
  /**
   * Runs one statement and answers its rows. `int8` comes as bigint, `numeric` and `date` as string, `timestamptz` and
   * `timestamp` (taken as UTC) as Date, `jsonb` parsed. A value that is an array is sent as a PostgreSQL array, so a JSON
   * array needs `JSON.stringify`.
   *
   * @throws KontorError UNAVAILABLE if the database is unreachable, with an unknown outcome;
   * DEADLINE_EXCEEDED or ABORTED if the statement or its lock took too long. Constraint violations stay `pg` errors.
   */
  query<R extends object = Row>(text: string, values?: readonly unknown[], options?: QueryOptions): Promise<R[]>;
}

/** Runs a statement on one connection in a span that holds its text, never its values. */
export type RunQuery = <R extends object>(
  client: ClientBase,
  text: string,
  values?: readonly unknown[],
  options?: QueryOptions,
) => Promise<R[]>;

/**
 * Runs the statements of one database. One that fails for an outdated plan works when it is run again, on any connection,
 * unless its table was migrated once more.
 */
export function createRunQuery(): RunQuery {
  // Which names are in use: after a migration, those of before stand for plans that the server refuses.
  let generation = 0;
  return <R extends object>(
    client: ClientBase,
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<R[]> => {
    const attributes = { "db.system.name": "postgresql", "db.operation.name": operation(text), "db.query.text": text };
    const span = { kind: "client", onlyAsChild: true, attributes } as const;
    return withSpan(options?.name ?? operation(text), span, async () => {
      const used = generation;
      const named = options?.name === undefined ? {} : { name: used === 0 ? options.name : `${options.name}~${used}` };
      try {
        const result = await client.query<R & Row>({ text, ...named, ...(values && { values: [...values] }) });
        return result.rows;
      } catch (error) {
        if (isOutdatedPlan(error) && used === generation) generation += 1;
        throw error;
      }
    });
  };
}

function operation(text: string): string {
  return /\w+/.exec(text)?.[0].toUpperCase() ?? "QUERY";
}
