import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { type Catalog, readCatalog } from "./catalog.ts";
import type { Collector } from "./collect.ts";
import { createDescribe, type Described } from "./describe.ts";
import { type NarrowedColumn, narrowedColumns } from "./prisma-columns.ts";
import { renderStatements } from "./render.ts";

/** A service or package whose statements get types. */
export interface StatementSources {
  /** Its name. Its statements carry it. */
  readonly owner: string;
  /** The folder of its code. Types are in its file `gen/statements.ts`. */
  readonly source: URL;
  /** The models of its tables, in the language of Prisma. */
  readonly schemas: readonly URL[];
}

/** Writes the file of the types, without any statement, where there is none. Modules that define statements import it. */
export async function writeMissingTypes(owner: string, source: URL): Promise<void> {
  const file = typesFile(source);
  if (existsSync(file)) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, renderStatements(owner, new Map(), []));
}

function typesFile(source: URL): string {
  return join(fileURLToPath(source), "gen", "statements.ts");
}

/**
 * Returns the file with the types of all statements of a service or package, its text, and whether it has that text already.
 * `databaseUrl` is of a database with all its migrations. Each statement is planned there.
 *
 * @throws AggregateError with each statement that PostgreSQL refuses or whose types cannot be derived.
 */
export async function typeStatements(sources: StatementSources, databaseUrl: string, collector: Collector) {
  const file = typesFile(sources.source);
  const statements = await collector.statementsOf(sources.owner, fileURLToPath(sources.source));
  const sql = postgres(databaseUrl, { max: 4, onnotice: () => undefined });
  try {
    const catalog = await readCatalog(sql);
    const schemas = await Promise.all(sources.schemas.map((schema) => readFile(schema, "utf8")));
    const narrowed = narrowedColumns(schemas.join("\n"));
    checkNarrowed(narrowed, catalog);
    const describe = createDescribe({ sql, catalog, narrowed });
    const described = new Map<string, Described>();
    const failures: Error[] = [];
    for (const statement of statements) {
      const { name } = statement;
      if (described.has(name)) failures.push(new Error(`Two statements are named ${name}. Rename one of them.`));
      await describe(statement).then(
        (types) => described.set(name, types),
        (cause: Error) => failures.push(new Error(`${name}: ${cause.message}`, { cause })),
      );
    }
    if (failures.length > 0)
      throw new AggregateError(failures, failures.map(({ message }) => `${sources.owner}: ${message}`).join("\n"));
    const text = renderStatements(sources.owner, described, narrowed);
    return { file, text, current: (await readFile(file, "utf8")) === text };
  } finally {
    await sql.end();
  }
}

/** Throws if a column is narrowed to texts that its CHECK constraint does not have, because the database then admits others. */
function checkNarrowed(columns: readonly NarrowedColumn[], catalog: Catalog): void {
  for (const { table, column, type } of columns) {
    const known = catalog.columns.get(`${table}.${column}`);
    if (known === undefined)
      throw new Error(`schema.prisma narrows ${table}.${column}, which the database does not have.`);
    const wanted = literals(type, /"([^"]*)"/g);
    if (!/^[\s"()|[\]\w-]+$/.test(type) || wanted.length === 0) continue;
    const allowed = known.checks.map((check) => literals(check, /'((?:[^']|'')*)'/g));
    if (allowed.some((values) => values.join() === wanted.join())) continue;
    const has = allowed.map((values) => values.join(", ")).join("; ") || "none";
    throw new Error(`schema.prisma narrows ${table}.${column} to ${wanted.join(", ")}, but its CHECK has: ${has}.`);
  }
}

function literals(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, value = ""]) => value).sort();
}
