import type { Catalog } from "./catalog.ts";
import type { NarrowedColumn } from "./prisma-columns.ts";

/** Throws if a column is narrowed to texts that its CHECK constraint does not have, because the database then admits others. */
export function checkNarrowed(columns: readonly NarrowedColumn[], catalog: Catalog): void {
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
