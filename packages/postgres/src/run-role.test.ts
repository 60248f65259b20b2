import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres, type TestDatabase } from "@kontor/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, migrate, openDatabase, RunRoleError, userOf } from "./index.ts";

let test: TestDatabase;
let owner: Database;
let running: Database;
let folder: string;
const lines: string[] = [];
const log = { info: (_: object, message: string) => void lines.push(message) };
const FIRST = "20260101000000_first";
const SECOND = "20260102000000_second";

async function add(name: string, sql: string) {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, "migration.sql"), sql);
}

const run = (history: readonly string[] = ["facts"], role = userOf(test.runUrl)) =>
  migrate({ url: test.url, folders: [folder], runAs: { role, history }, log });

/** Why the role that runs is refused, "none" if it is not. */
const refusal = (sql: string) =>
  running.query(sql).then(
    () => "none",
    (error: Error) => error.message,
  );

beforeEach(async () => {
  test = await (await startPostgres()).createDatabase("roles", { owner: true });
  owner = openDatabase({ url: test.url, service: "owner" });
  running = openDatabase({ url: test.runUrl, service: "running" });
  folder = await mkdtemp(join(tmpdir(), "kontor-roles-"));
  lines.length = 0;
  await add(
    FIRST,
    `CREATE TABLE facts (n int, at int) PARTITION BY RANGE (at); CREATE TABLE facts_1 PARTITION OF facts FOR VALUES FROM (1) TO (2);
     CREATE TABLE notes (id serial PRIMARY KEY, n int); CREATE VIEW both_of AS SELECT n FROM facts UNION ALL SELECT n FROM notes;`,
  );
});

afterEach(async () => {
  await Promise.all([owner.close(), running.close()]);
  await test.drop();
  await rm(folder, { recursive: true });
});

describe("the role that runs", () => {
  it("adds to history and reads it, and does not change it, by the table or by a partition", async () => {
    await run();
    expect(await refusal("INSERT INTO facts VALUES (1, 1)")).toBe("none");
    expect(await refusal("SELECT * FROM both_of")).toBe("none");
    for (const table of ["facts", "facts_1"]) {
      expect(await refusal(`UPDATE ${table} SET n = 2`)).toContain(`permission denied for table ${table}`);
      expect(await refusal(`DELETE FROM ${table}`)).toContain("permission denied");
      expect(await refusal(`TRUNCATE ${table}`)).toContain("permission denied");
    }
  });

  it("reads and writes all tables except history, serial columns included", async () => {
    await run();
    for (const sql of ["INSERT INTO notes (n) VALUES (1)", "UPDATE notes SET n = 2", "DELETE FROM notes"])
      expect(await refusal(sql)).toBe("none");
    expect(await refusal("TRUNCATE notes")).toContain("permission denied");
  });

  it("defines nothing, and reads which migrations were applied without changing them", async () => {
    await run();
    for (const sql of ["CREATE TABLE x (n int)", "CREATE TEMP TABLE x (n int)", "DELETE FROM _prisma_migrations"])
      expect(await refusal(sql)).toContain("permission denied");
    expect(await refusal("SELECT * FROM _prisma_migrations")).toBe("none");
  });

  it("gets its rights on the tables of a new migration", async () => {
    await run();
    await add(SECOND, "CREATE TABLE later (n int); CREATE TABLE more_facts (n int)");
    await run(["facts", "more_facts"]);
    expect(await refusal("DELETE FROM later")).toBe("none");
    expect(await refusal("DELETE FROM more_facts")).toContain("permission denied");
  });

  it("loses rights that it was given by hand, or that a table had before it became history", async () => {
    await run([]);
    expect(await refusal("DELETE FROM facts")).toBe("none");
    await owner.query(`GRANT UPDATE (n) ON notes TO PUBLIC; GRANT TRUNCATE ON facts TO "${userOf(test.runUrl)}"`);
    await run();
    expect(await refusal("DELETE FROM facts")).toContain("permission denied");
    expect(await refusal("TRUNCATE facts")).toContain("permission denied");
  });

  it("is granted nothing twice", async () => {
    await run();
    await run();
    expect(lines.filter((line) => line === "rights granted")).toHaveLength(1);
  });

  it("keeps the rights that a newer version granted", async () => {
    await add(SECOND, "CREATE TABLE more_facts (n int)");
    await run(["facts", "more_facts"]);
    await rm(join(folder, SECOND), { recursive: true });
    await run();
    expect(await refusal("DELETE FROM more_facts")).toContain("permission denied");
  });

  it("continues while an earlier session of the owner is open", async () => {
    await migrate({ url: test.url, folders: [folder], log });
    const before = openDatabase({ url: test.url, service: "old-pod" });
    await before.query("INSERT INTO notes (n) VALUES (1)");
    await run();
    expect(await refusal("UPDATE notes SET n = 2")).toBe("none");
    await before.query("UPDATE notes SET n = 3");
    await before.close();
  });

  it("applies no migration itself, and names the role that does", async () => {
    await run();
    await add(SECOND, "CREATE TABLE later (n int)");
    await expect(migrate({ url: test.runUrl, folders: [folder], log })).rejects.toMatchObject({
      reason: "SCHEMA_OUTDATED",
      code: "UNAVAILABLE",
      message: expect.stringContaining(`lacks the migration ${SECOND}, which the role ${userOf(test.runUrl)}`),
    });
    await run();
    await expect(migrate({ url: test.runUrl, folders: [folder], log })).resolves.toEqual({ applied: [] });
  });

  it("is refused if it does not exist, or has the owner's rights already", async () => {
    await expect(run(["facts"], "not_there")).rejects.toThrow("The role not_there does not exist. Create it");
    await expect(run(["facts"], "postgres")).rejects.toThrow("is a superuser or has the rights of");
    await expect(run(["fcats"])).rejects.toThrow("The history names the table fcats, which does not exist.");
    await expect(run(["fcats"])).rejects.toBeInstanceOf(RunRoleError);
  });

  it("is granted its rights once when many processes start together", async () => {
    await Promise.all([run(), run(), run()]);
    expect(await refusal("INSERT INTO facts VALUES (1, 1)")).toBe("none");
  });
});
