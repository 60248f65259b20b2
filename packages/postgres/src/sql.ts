import { withSpan } from "@kontor/telemetry";
import type { ClientBase } from "pg";
import { isOutdatedPlan } from "./errors.ts";
import { joinWrites } from "./joined-writes.ts";
import type { BoundStatement, Statement } from "./statement.ts";

/** A row of undeclared columns. */
export type Row = Record<string, unknown>;

/** How one query is run. */
export interface QueryOptions {
  /** Prepares the statement once per connection under this name: at most 56 bytes, always with the same text. */
  readonly name?: string;
}

/** Runs statements: a database, or a transaction in it. */
export interface Sql {
  /**
   * Runs one statement and returns its rows. `int8` is returned as bigint, `numeric` and `date` as string, `timestamptz` and
   * `timestamp` (taken as UTC) as Date, `jsonb` parsed. A value that is an array is sent as a PostgreSQL array, so a JSON
   * array needs `JSON.stringify`. A statement of `statementsOf` has typed parameters and rows; the columns of a text are unknown.
   *
   * @throws KontorError UNAVAILABLE if the database is unreachable, with an unknown outcome;
   * DEADLINE_EXCEEDED or ABORTED if the statement or its lock took too long. Constraint violations stay `pg` errors.
   */
  query<R extends object>(statement: BoundStatement<R>): Promise<R[]>;
  query<R extends object>(statement: Statement<readonly [], R>): Promise<R[]>;
  query<P extends readonly unknown[], R extends object>(statement: Statement<P, R>, values: NoInfer<P>): Promise<R[]>;
  query(text: string, values?: readonly unknown[], options?: QueryOptions): Promise<Row[]>;
}

/** The arguments of `query`, in one shape. */
export interface Request {
  readonly text: string;
  readonly values: readonly unknown[] | undefined;
  /** Name of the prepared statement; undefined if none is prepared. */
  readonly prepared: string | undefined;
  /** Name of the span. */
  readonly label: string;
}

/** Returns the arguments of `query` in one shape. */
export function requestOf(
  query: string | Statement | BoundStatement,
  values?: readonly unknown[],
  options?: QueryOptions,
): Request {
  if (typeof query === "string")
    return { text: query, values, prepared: options?.name, label: options?.name ?? operation(query) };
  const { text, name, prepared } = query;
  return {
    text,
    values: "values" in query ? query.values : values,
    prepared: prepared ? name : undefined,
    label: name,
  };
}

/** Runs a statement on one connection in a span that holds its text, never its values. */
export type RunQuery = (client: ClientBase, request: Request) => Promise<object[]>;

/**
 * Runs the statements of one database. One that fails for an outdated plan works when it is run again, on any connection,
 * unless its table was migrated once more.
 */
export function createRunQuery(): RunQuery {
  // The names in use: after a migration, former names belong to plans that the server refuses.
  let generation = 0;
  return (client, { text, values, prepared, label }) => {
    const attributes = { "db.system.name": "postgresql", "db.operation.name": operation(text), "db.query.text": text };
    return withSpan(label, { kind: "client", onlyAsChild: true, attributes }, async () => {
      const used = generation;
      const named = prepared === undefined ? {} : { name: used === 0 ? prepared : `${prepared}~${used}` };
      try {
        joinWrites(client);
        const result = await client.query<Row>({ text, ...named, ...(values && { values: [...values] }) });
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
