import type { Sql } from "postgres";

/** A type of PostgreSQL. */
interface PgType {
  readonly name: string;
  /** The type of the elements of an array; 0 otherwise. */
  readonly element: number;
}

/** A column of a table or view. */
interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: number;
  readonly nullable: boolean;
  /** The definitions of the CHECK constraints on this column alone. */
  readonly checks: readonly string[];
}

/** The types and columns of a database. */
export interface Catalog {
  readonly types: ReadonlyMap<number, PgType>;
  /** By `table.column`. */
  readonly columns: ReadonlyMap<string, Column>;
  /** The names of columns as `table.column`, by the oid of the table and the number of the column. */
  readonly origins: ReadonlyMap<string, string>;
}

/** Reads the types, and the columns of the schema `public`. */
export async function readCatalog(sql: Sql): Promise<Catalog> {
  const types = await sql<({ oid: number } & PgType)[]>`SELECT oid, typname AS name, typelem AS element FROM pg_type`;
  const columns = await sql<(Column & { origin: string })[]>`
    SELECT c.oid || '.' || a.attnum AS origin, c.relname AS table, a.attname AS column, a.atttypid AS type, NOT a.attnotnull AS nullable,
      ARRAY (SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
        WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]) AS checks
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')`;
  return {
    types: new Map(types.map(({ oid, name, element }) => [oid, { name, element }])),
    columns: new Map(columns.map((column) => [pathOf(column), column])),
    origins: new Map(columns.map((column) => [column.origin, pathOf(column)])),
  };
}

const pathOf = ({ table, column }: Column): string => `${table}.${column}`;
