import { migrate, openDatabase } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { rowsOf, startPostgres, type TestDatabase } from "@kontor/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serviceApps } from "../../../scripts/reference/apps.ts";

const log = { info: () => undefined };
const databases = new Map<string, TestDatabase>();
const postgres = await startPostgres();

beforeAll(async () => {
  for (const service of serviceApps) {
    const { name, history = [] } = service;
    const database = await postgres.createDatabase(name, { owner: true });
    databases.set(name, database);
    const runAs = { role: `${database.name}_run`, history };
    await migrate({ url: database.url, folders: migrationsOf(service), runAs, log });
  }
});
afterAll(() => postgres.stop());

function databaseOf(name: string): TestDatabase {
  const database = databases.get(name);
  if (database === undefined) throw new Error(`${name} has no database.`);
  return database;
}

/** The SQLSTATE that refuses a statement of the role that runs, "none" if it is allowed. */
async function refusal(url: string, ...statements: readonly string[]): Promise<string[]> {
  const db = openDatabase({ url, service: "test", max: 1 });
  const stateOf = (error: unknown) => (error instanceof pg.DatabaseError ? `${error.code}` : String(error));
  try {
    const states: string[] = [];
    for (const statement of statements) states.push(await db.query(statement).then(() => "none", stateOf));
    return states;
  } finally {
    await db.close();
  }
}

const DENIED = "42501";

describe.each(serviceApps)("the role that runs $name", ({ name, history = [] }) => {
  it("may not change a row of the history, nor empty it, nor lock its rows", async () => {
    for (const table of [...history, "_prisma_migrations"]) {
      const [column] = await columnsOf(name, table);
      const statements = [
        `UPDATE "${table}" SET "${column}" = "${column}"`,
        `DELETE FROM "${table}"`,
        `TRUNCATE "${table}"`,
        `SELECT 1 FROM "${table}" FOR UPDATE`,
        `ALTER TABLE "${table}" DISABLE TRIGGER ALL`,
        `DROP TABLE "${table}"`,
      ];
      const states = await refusal(databaseOf(name).runUrl, ...statements);
      expect({ table, states }).toEqual({ table, states: statements.map(() => DENIED) });
    }
  });

  it("may not define anything, nor become the owner", async () => {
    const owner = databaseOf(name).name;
    const statements = [
      "CREATE TABLE mine (n int)",
      "CREATE TEMP TABLE mine (n int)",
      "CREATE SCHEMA mine",
      "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      "CREATE VIEW mine AS SELECT 1",
      "ALTER TABLE outbox ADD COLUMN mine int",
      "CREATE INDEX mine ON outbox (key)",
      "DROP TABLE outbox",
      "TRUNCATE outbox",
      "CREATE ROLE mine",
      `SET ROLE "${owner}"`,
    ];
    const states = await refusal(databaseOf(name).runUrl, ...statements);
    expect(Object.fromEntries(statements.map((statement, at) => [statement, states[at]]))).toEqual(
      Object.fromEntries(statements.map((statement) => [statement, DENIED])),
    );
  });

  it("reads no other service's database", async () => {
    const others = serviceApps.filter((other) => other.name !== name);
    for (const other of others) {
      const url = new URL(databaseOf(name).runUrl);
      url.pathname = databaseOf(other.name).name;
      await expect(refusal(url.href, "SELECT 1")).resolves.toEqual([DENIED]);
    }
  });

  it("reads and writes all other tables", async () => {
    const db = openDatabase({ url: databaseOf(name).runUrl, service: "test", max: 1 });
    const kept = [...history, "_prisma_migrations"];
    const rows = await rowsOf<{ table: string }>(
      db,
      `SELECT c.relname::text AS table FROM pg_class c
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> ALL ($1)
         AND NOT (has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
           AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))`,
      [kept],
    );
    await db.close();
    expect(rows).toEqual([]);
  });
});

describe("the histories of the shop", () => {
  it("cover every table that refuses changes by a trigger", async () => {
    for (const { name, history = [] } of serviceApps) {
      const db = openDatabase({ url: databaseOf(name).url, service: "test", max: 1 });
      const rows = await rowsOf<{ table: string }>(
        db,
        `SELECT DISTINCT c.relname::text AS table FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
         JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname LIKE 'refuse%' ORDER BY 1`,
      );
      await db.close();
      expect(history).toEqual(expect.arrayContaining(rows.map(({ table }) => table)));
    }
  });
});

async function columnsOf(name: string, table: string): Promise<string[]> {
  const db = openDatabase({ url: databaseOf(name).url, service: "test", max: 1 });
  const sql =
    "SELECT attname::text AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND attidentity = '' ORDER BY attnum";
  const rows = await rowsOf<{ name: string }>(db, sql, [table]);
  await db.close();
  return rows.map(({ name: column }) => column);
}
