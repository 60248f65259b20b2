import { channel } from "node:diagnostics_channel";

declare const types: unique symbol;

/** One statement: its text, and the types of its parameters and of its rows. */
export interface Statement<P extends readonly unknown[] = readonly unknown[], R extends object = object> {
  /** Unique in its service or package; the name of the prepared statement and of its span. */
  readonly name: string;
  readonly text: string;
  /** Whether each connection prepares the statement once. */
  readonly prepared: boolean;
  /** Exists for the compiler only. */
  readonly [types]?: readonly [params: P, row: R];
}

/** A statement with the values of its parameters. */
export interface BoundStatement<R extends object = object> extends Statement<readonly unknown[], R> {
  readonly values: readonly unknown[];
}

/** The type of the rows of a statement. */
export type RowOf<S> = S extends { readonly [types]?: readonly [params: unknown, row: infer R] } ? R : never;

/** The types of one statement, as `npm run generate` writes them. */
export interface StatementTypes {
  readonly params: readonly unknown[];
  readonly row: object;
}

/** Parameters, each of which may be null. */
type Nullable<P extends readonly unknown[]> = { readonly [K in keyof P]: P[K] | null };

/** The values of a JSON parameter. An array needs `JSON.stringify`, because the driver sends arrays as PostgreSQL arrays. */
export type JsonParameter = string | (object & { readonly length?: never });

/** The options of a statement: how it is sent, and the types of columns that the database does not know. */
export interface StatementOptions {
  /** Default: true. Without it PostgreSQL plans each execution for the values of its parameters. */
  readonly prepared?: boolean;
  /**
   * Types of result columns that the generator cannot derive: `"not null"`, a column of schema.prisma such as `"orders.stage"`, or a
   * TypeScript type. `"*"` names a table whose columns all others are. Results of functions and of JSON aggregates need one.
   */
  readonly columns?: Readonly<Record<string, string>>;
}

/** The text of a statement that depends on a request, and its values. */
export interface StatementParts {
  readonly text: string;
  readonly values: readonly unknown[];
  /** The name under which a text of few forms is prepared, one for each form. Default: not prepared. */
  readonly prepared?: string;
}

/** Defines the statements of one service or package. */
export interface DefineStatement<S> {
  /** Defines a statement. The generator takes the types of its parameters and rows from the migrated database. */
  <N extends keyof S & string>(
    name: N,
    text: string,
    options?: StatementOptions,
  ): S[N] extends StatementTypes ? Statement<Nullable<S[N]["params"]>, S[N]["row"]> : never;
  /**
   * Defines a statement whose text depends on a request. `samples` are arguments that reach every branch of `build`: the generator
   * plans the statement for each of them, and requires the same columns.
   */
  readonly dynamic: <N extends keyof S & string, A extends readonly unknown[]>(
    name: N,
    build: (...args: A) => StatementParts,
    samples: readonly NoInfer<A>[],
    options?: Pick<StatementOptions, "columns">,
  ) => (...args: A) => BoundStatement<S[N] extends StatementTypes ? S[N]["row"] : never>;
}

/** A statement as its definition is published on the channel {@link STATEMENT_CHANNEL}. */
export interface DefinedStatement {
  readonly owner: string;
  readonly name: string;
  /** The texts that the statement may have. */
  readonly samples: readonly { readonly text: string; readonly values?: readonly unknown[] }[];
  readonly columns: Readonly<Record<string, string>>;
}

/** The diagnostics channel on which each definition of a statement is published. The generator of types subscribes to it. */
export const STATEMENT_CHANNEL = "kontor.statement";
const definitions = channel(STATEMENT_CHANNEL);

/** Returns the function that defines the statements of `owner`, a service or package. Generated code calls it with the generated types. */
export function statementsOf<S>(owner: string): DefineStatement<S> {
  function publish(
    name: string,
    samples: () => DefinedStatement["samples"],
    columns: StatementOptions["columns"] = {},
  ) {
    if (definitions.hasSubscribers) definitions.publish({ owner, name, samples: samples(), columns });
  }
  function define(name: string, text: string, { prepared = true, columns }: StatementOptions = {}) {
    publish(name, () => [{ text }], columns);
    return { name, text, prepared };
  }
  function dynamic<A extends readonly unknown[]>(
    name: string,
    build: (...args: A) => StatementParts,
    samples: readonly A[],
    options?: StatementOptions,
  ) {
    publish(name, () => samples.map((args) => build(...args)), options?.columns);
    return (...args: A) => {
      const { text, values, prepared } = build(...args);
      return { name: prepared ?? name, text, values, prepared: prepared !== undefined };
    };
  }
  return Object.assign(define, { dynamic }) as DefineStatement<S>;
}
