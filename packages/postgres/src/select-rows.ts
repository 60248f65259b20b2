import type { ClientBase } from "pg";

/** The types of columns, by name. */
interface Kinds {
  readonly boolean: boolean;
  readonly number: number;
  readonly text: string;
  readonly texts: readonly string[];
}

const checks: { readonly [K in keyof Kinds]: (value: unknown) => boolean } = {
  boolean: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number",
  text: (value) => typeof value === "string",
  texts: (value) => Array.isArray(value) && value.every((each) => typeof each === "string"),
};

/**
 * Returns the rows of a query on a bare connection, where there are no statements with generated types yet. Each row is compared with
 * `columns`.
 *
 * @throws TypeError if a column is missing or holds something else.
 */
export async function selectRows<C extends Readonly<Record<string, keyof Kinds>>>(
  client: ClientBase,
  columns: C,
  text: string,
  values: readonly unknown[] = [],
): Promise<{ readonly [K in keyof C]: Kinds[C[K]] }[]> {
  const { rows } = await client.query(text, [...values]);
  for (const row of rows)
    for (const [column, kind] of Object.entries(columns))
      if (!checks[kind](row[column]))
        throw new TypeError(`The column ${column} of "${text}" holds ${String(row[column])}. Declare the kind it has.`);
  return rows;
}
