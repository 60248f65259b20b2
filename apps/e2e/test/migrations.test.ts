import { globSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { indexStatements } from "@kontor/postgres";
import { describe, expect, it } from "vitest";

const root = new URL("../../..", import.meta.url).pathname;
const migrations = globSync("{apps,packages,examples}/*/prisma/**/migration.sql", {
  cwd: root,
  exclude: ["**/node_modules/**"],
})
  .map((path) => ({ path, name: basename(dirname(path)), sql: readFileSync(`${root}/${path}`, "utf8") }))
  .toSorted((one, other) => (one.name < other.name ? -1 : 1));

/**
 * Migrations of before the rule. They add the column or the table of the index in the same file, which cannot change any more: their
 * checksums are stored.
 */
const BEFORE_THE_RULE = new Set([
  "apps/catalog/prisma/migrations/20261130000030_search_spellings/migration.sql",
  "apps/catalog/prisma/migrations/20261130000040_variants_and_categories/migration.sql",
  "apps/orders/prisma/migrations/20261130000000_idempotency_claims/migration.sql",
  "apps/orders/prisma/migrations/20261130000700_order_numbers/migration.sql",
  "apps/payments/prisma/migrations/20261130000100_provider_queries/migration.sql",
  "apps/shipping/prisma/migrations/20261130000000_carrier_queries/migration.sql",
  "apps/users/prisma/migrations/20261130000410_email_keys/migration.sql",
  "apps/users/prisma/migrations/20261130000440_user_search/migration.sql",
]);

/** Returns the indexes on tables that exist already, which a migration builds in its transaction. */
function blockingIndexes({ name, sql }: { name: string; sql: string }): string[] {
  if (indexStatements({ name, sql }) !== undefined) return [];
  const text = sql.replaceAll(/--[^\n]*/g, "");
  const created = new Set([...text.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)/gi)].map(([, table]) => table));
  const indexes = [...text.matchAll(/CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?"?(\w+)"? ON "?(\w+)/gi)];
  return indexes.flatMap(([, index = "", table = ""]) => (created.has(table) ? [] : [`${index} on ${table}`]));
}

describe("an index on a table that a live shop writes", () => {
  it.each(migrations.filter(({ path }) => !BEFORE_THE_RULE.has(path)))(
    "is built CONCURRENTLY, in a separate migration: $path",
    (migration) => {
      expect(blockingIndexes(migration)).toEqual([]);
    },
  );

  it("is excepted in migrations of before the rule only", () => {
    for (const path of BEFORE_THE_RULE) expect(basename(dirname(path)) < "20261130000800").toBe(true);
    expect(migrations.filter((each) => BEFORE_THE_RULE.has(each.path) && blockingIndexes(each).length === 0)).toEqual(
      [],
    );
  });
});
