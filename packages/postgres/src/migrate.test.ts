import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startPostgres, type TestDatabase } from "@kontor/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, MigrationError, migrate, openDatabase } from "./index.ts";

let test: TestDatabase;
let db: Database;
let folder: string;
const log = { info: () => undefined };
const run = () => migrate({ url: test.url, folders: [folder], log });
const FIRST = "20260101000000_first";
const SECOND = "20260102000000_second";

async function add(name: string, sql: string) {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, "migration.sql"), sql);
}

beforeEach(async () => {
  test = await (await startPostgres()).createDatabase("migrations", { owner: true });
  db = openDatabase({ url: test.url, service: "tester" });
  folder = await mkdtemp(join(tmpdir(), "kontor-migrations-"));
  await writeFile(join(folder, "migration_lock.toml"), 'provider = "postgresql"\n');
  await add(FIRST, "CREATE TABLE a (n int);\nCREATE TABLE b (n int);");
});

afterEach(async () => {
  await db.close();
  await test.drop();
  await rm(folder, { recursive: true });
});

describe("migrating", () => {
  it("applies new ones in order, and records them like Prisma", async () => {
    expect(await migrate({ url: test.url, folders: [pathToFileURL(folder)], log })).toEqual({ applied: [FIRST] });
    await add(SECOND, "INSERT INTO a VALUES (1)");
    expect(await run()).toEqual({ applied: [SECOND] });
    expect(await run()).toEqual({ applied: [] });

    const rows = await db.query("SELECT * FROM _prisma_migrations ORDER BY migration_name");
    expect(rows).toHaveLength(2);
    expect(rows[1]).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      checksum: createHash("sha256").update("INSERT INTO a VALUES (1)").digest("hex"),
      finished_at: expect.any(Date),
      migration_name: SECOND,
      logs: null,
      rolled_back_at: null,
      started_at: expect.any(Date),
      applied_steps_count: 1,
    });
  });

  it("runs each migration once when many processes start together", async () => {
    const all = await Promise.all([run(), run(), run(), run()]);
    expect(all.flatMap(({ applied }) => applied)).toEqual([FIRST]);
  });

  it("leaves nothing of a migration that fails, and takes it up again once repaired", async () => {
    await add(SECOND, "CREATE TABLE c (n int);\nSELECT 1/0;");
    await expect(run()).rejects.toThrow(`Migration ${SECOND} failed and was rolled back: division by zero`);
    expect(await db.query("SELECT to_regclass('a') IS NOT NULL AS a, to_regclass('c') IS NOT NULL AS c")).toEqual([
      { a: true, c: false },
    ]);
    await add(SECOND, "CREATE TABLE c (n int);");
    expect(await run()).toEqual({ applied: [SECOND] });
  });

  it("refuses a migration that was changed after it was applied", async () => {
    await run();
    await add(FIRST, "CREATE TABLE a (n bigint);");
    await expect(run()).rejects.toThrow(`Migration ${FIRST} was changed after it was applied.`);
    await expect(run()).rejects.toBeInstanceOf(MigrationError);
  });

  it("refuses a folder that lost an applied migration", async () => {
    await run();
    await rm(join(folder, FIRST), { recursive: true });
    await add(SECOND, "SELECT 1");
    await expect(run()).rejects.toThrow(`Migration ${FIRST} was applied but is missing`);
  });

  it("takes the copy that was applied under another name for the migration of a package", async () => {
    await add(SECOND, "CREATE TABLE c (n int)");
    await run();
    await rm(join(folder, SECOND), { recursive: true });
    await add("20260101000001_package", "CREATE TABLE c (n int)");
    await add("20260103000000_third", "CREATE TABLE d (n int)");
    expect(await run()).toEqual({ applied: ["20260103000000_third"] });
    expect(await run()).toEqual({ applied: [] });
  });

  it("accepts a database that a newer version has already migrated", async () => {
    await add(SECOND, "CREATE TABLE c (n int)");
    await run();
    await rm(join(folder, SECOND), { recursive: true });
    expect(await run()).toEqual({ applied: [] });
  });

  it("refuses to go on after one that Prisma left half done", async () => {
    await run();
    await db.query("UPDATE _prisma_migrations SET finished_at = NULL");
    await expect(run()).rejects.toThrow("failed halfway");
  });

  it("is UNAVAILABLE when there is no database", async () => {
    await expect(migrate({ url: "postgres://nobody@127.0.0.1:1/none", folders: [folder], log })).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
  });
});
