import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, rowsOf, startPostgres, type TestDatabase } from "@kontor/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, migrate, openDatabase } from "./index.ts";
import { indexStatements } from "./index-migration.ts";

let test: TestDatabase;
let db: Database;
let folder: string;
const run = () => migrate({ url: test.url, folders: [folder], log: { info: () => undefined } });
const INDEX = "20260102000000_index";

async function add(name: string, sql: string) {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, "migration.sql"), sql);
}
const validity = async () =>
  (
    await rowsOf<{ valid: boolean }>(
      db,
      "SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass('a_n')",
    )
  ).map(({ valid }) => valid);

beforeEach(async () => {
  test = await (await startPostgres()).createDatabase("indexes", { owner: true });
  db = openDatabase({ url: test.url, service: "tester" });
  folder = await mkdtemp(join(tmpdir(), "kontor-migrations-"));
  await add("20260101000000_first", "CREATE TABLE a (n int)");
  await run();
});
afterEach(async () => {
  await db.close();
  await test.drop();
  await rm(folder, { recursive: true });
});

describe("a migration of nothing but indexes", () => {
  it("builds them while the table is written", async () => {
    await add(
      INDEX,
      "-- For lists; by number.\nCREATE INDEX a_n ON a (n);\nCREATE INDEX a_n_even ON a (n) WHERE n % 2 = 0;",
    );
    const migrating = await db.transaction(async (tx) => {
      await tx.query("INSERT INTO a VALUES (1)");
      const outcome = run();
      await eventually(async () => expect(await validity()).toEqual([false]));
      await db.query("SET lock_timeout = '1s'; INSERT INTO a VALUES (2); RESET lock_timeout");
      return { outcome };
    });
    expect(await migrating.outcome).toEqual({ applied: [INDEX] });
    expect(await validity()).toEqual([true]);
    expect(await run()).toEqual({ applied: [] });
  });

  it("continues where a failed build ended", async () => {
    await db.query("INSERT INTO a VALUES (1), (1)");
    await add(INDEX, "CREATE UNIQUE INDEX CONCURRENTLY a_n ON a (n)");
    await expect(run()).rejects.toThrow(/could not create unique index.*/);
    expect(await validity()).toEqual([false]);
    await db.query("DELETE FROM a");
    expect(await run()).toEqual({ applied: [INDEX] });
    expect(await validity()).toEqual([true]);
  });

  it("is applied once by many processes that start together, none of which waits for the other's snapshot", async () => {
    await add(INDEX, "CREATE INDEX CONCURRENTLY a_n ON a (n)");
    const all = await Promise.all([run(), run(), run(), run()]);
    expect(all.flatMap(({ applied }) => applied)).toEqual([INDEX]);
  });
});

describe("the statements of an index migration", () => {
  const read = (sql: string) => indexStatements({ name: "m", sql });

  it("are those of a migration that creates indexes and does nothing else", () => {
    expect(read('CREATE UNIQUE INDEX "x" ON "t" ("n");\n')?.map(({ sql }) => sql)).toEqual([
      'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "x" ON "t" ("n")',
    ]);
    expect(read("ALTER TABLE t ADD n int; CREATE INDEX x ON t (n);")).toBeUndefined();
    expect(read("-- Nothing.\n")).toBeUndefined();
  });

  it("refuse CONCURRENTLY next to statements that need a transaction", () => {
    expect(() => read("ALTER TABLE t ADD n int; CREATE INDEX CONCURRENTLY x ON t (n);")).toThrow(/of their own/);
  });
});
