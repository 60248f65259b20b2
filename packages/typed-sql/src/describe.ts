import type { DefinedStatement } from "@kontor/postgres";
import { createGenerator, type ResolvedTarget } from "@ts-safeql/generate";
import type { Sql } from "postgres";
import type { Catalog } from "./catalog.ts";
import { parameterType, ROW_TYPES, rowType } from "./column-types.ts";
import type { NarrowedColumn } from "./prisma-columns.ts";

/** The TypeScript types of one statement. */
export interface Described {
  readonly params: readonly string[];
  readonly row: Readonly<Record<string, string>>;
}

/** Where statements are described. */
export interface Place {
  /** A connection to the migrated database. */
  readonly sql: Sql;
  readonly catalog: Catalog;
  readonly narrowed: readonly NarrowedColumn[];
}

type Sample = DefinedStatement["samples"][number];

/** A column of a result, as PostgreSQL describes it: `table` and `number` are 0 for an expression. */
interface Result {
  readonly name: string;
  readonly type: number;
  readonly table: number;
  readonly number: number;
}

/**
 * Returns the function that describes the statements of one database. Each throws with the text of the statement if PostgreSQL refuses it.
 */
export function createDescribe({ sql, catalog, narrowed }: Place) {
  const { generate } = createGenerator();
  const aliases = new Map(narrowed.map(({ table, column, alias }) => [`${table}.${column}`, alias]));
  const overrides = { types: { ...ROW_TYPES, json: "Json", jsonb: "Json" } };

  /** Returns the type of a column of a table. */
  function columnType(path: string, oid: number): string {
    const column = catalog.columns.get(path);
    if (column === undefined) throw new Error(`There is no column ${path}.`);
    if (column.type !== oid)
      throw new Error(`The result has another type than ${path}. Cast it, or name another column.`);
    return orNull(aliases.get(path) ?? rowType(catalog, oid), column.nullable);
  }

  function typeOf({ name, type: oid, table, number }: Result, inferred: ResolvedTarget, claim: string | undefined) {
    if (claim !== undefined && /^\w+\.\w+$/.test(claim)) return columnType(claim, oid);
    if (claim !== undefined && claim !== "not null") return claim;
    const base = rowType(catalog, oid);
    const alias = aliases.get(catalog.origins.get(`${table}.${number}`) ?? "");
    if (base === "unknown" && alias === undefined)
      throw new Error(`The type of ${name} is not known. Declare it in \`columns\`, or by @type in schema.prisma.`);
    const present = alias ?? (base === "string" ? textsOf(inferred) : undefined) ?? base;
    const misread = present === base && !isOfType(inferred, base);
    return orNull(present, claim === undefined && (misread || isNullable(inferred)));
  }

  /** Returns the declaration of a column in a statement, by its name or as one of the columns of a table. */
  function declared(name: string, columns: DefinedStatement["columns"]): string | undefined {
    const table = columns["*"];
    return columns[name] ?? (table && catalog.columns.has(`${table}.${name}`) ? `${table}.${name}` : undefined);
  }

  async function describeSample({ text, values }: Sample, columns: DefinedStatement["columns"]): Promise<Described> {
    const result = await generate({
      sql,
      query: { text, sourcemaps: [] },
      cacheKey: "",
      fieldTransform: undefined,
      overrides,
    });
    if (result._tag === "Left") throw new Error(`${messageOf(result.left)}\n${text}`);
    const { stmt, output } = result.right;
    if (values) await sql.unsafe(`EXPLAIN ${text}`, [...values] as never[]);
    const targets = new Map(output?.value);
    const row = stmt.columns.map((column) => {
      const inferred = targets.get(column.name) ?? { kind: "type", value: "null", type: "unknown" };
      return [column.name, typeOf(column, inferred, declared(column.name, columns))] as const;
    });
    const unused = Object.keys(columns).filter((name) => name !== "*" && !row.some(([known]) => known === name));
    if (unused.length > 0)
      throw new Error(`\`columns\` names ${unused.join(", ")}, which the statement does not return.`);
    // PostgreSQL has just accepted the values.
    const params = values ? [] : stmt.types.map((oid) => parameterType(catalog, oid));
    return { params, row: Object.fromEntries(row) };
  }

  return async ({ samples, columns }: DefinedStatement): Promise<Described> => {
    const [first, ...others] = await Promise.all(samples.map((sample) => describeSample(sample, columns)));
    if (first === undefined) throw new Error("The statement has no sample.");
    if (others.some(({ row }) => JSON.stringify(row) !== JSON.stringify(first.row)))
      throw new Error("The samples of the statement return different columns.");
    return first;
  };
}

function orNull(type: string, nullable: boolean): string {
  return nullable ? `${type} | null` : type;
}

/** Returns the texts that a result is limited to. */
function textsOf(target: ResolvedTarget): string | undefined {
  const present = parts(target).filter((part) => !isNull(part));
  const texts = present.flatMap((part) => (part.kind === "literal" ? [JSON.stringify(part.value.slice(1, -1))] : []));
  return texts.length > 0 && texts.length === present.length ? texts.join(" | ") : undefined;
}

/** Returns whether the library derived the type that PostgreSQL states. It takes NULLIF for a comparison, for example. */
function isOfType(target: ResolvedTarget, base: string): boolean {
  const names = parts(target).map((part) => (part.kind === "array" ? `${nameOf(part.value)}[]` : nameOf(part)));
  return names.every((name) => name === base || name === "null");
}

function nameOf(target: ResolvedTarget): string {
  return target.kind === "type" ? target.value : target.kind;
}

// Types that the library calls `any` or `unknown` may be null.
function isNullable(target: ResolvedTarget): boolean {
  return parts(target).some(
    (part) => isNull(part) || (part.kind === "type" && ["any", "unknown"].includes(part.value)),
  );
}

const isNull = (target: ResolvedTarget): boolean => target.kind === "type" && target.value === "null";

function parts(target: ResolvedTarget): readonly ResolvedTarget[] {
  return target.kind === "union" ? target.value.flatMap(parts) : [target];
}

function messageOf(error: { readonly _tag: string }): string {
  return "message" in error ? String(error.message) : error._tag;
}
