import { isKontorError, isTransient } from "@kontor/errors";
import { registry } from "@kontor/telemetry";
import { eventually, rowsOf, startPostgres, type TestDatabase } from "@kontor/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type Database,
  isCheckViolation,
  isForeignKeyViolation,
  isUniqueViolation,
  openDatabase,
  pipelined,
} from "./index.ts";

let test: TestDatabase;
let db: Database;
const opened: Database[] = [];

function open(options: { readonly url?: string; readonly max?: number; readonly statementTimeoutMs?: number } = {}) {
  const database = openDatabase({ url: test.url, service: "tester", ...options });
  opened.push(database);
  return database;
}

beforeAll(async () => {
  const postgres = await startPostgres();
  test = await postgres.createDatabase("postgres_package");
  db = openDatabase({ url: test.url, service: "tester" });
  await db.query(`CREATE TABLE stock (
    sku text CONSTRAINT stock_pkey PRIMARY KEY,
    available bigint NOT NULL CONSTRAINT stock_not_negative CHECK (available >= 0))`);
  await db.query("CREATE TABLE hold (sku text CONSTRAINT hold_stock REFERENCES stock)");
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
  await db.query("TRUNCATE stock, hold");
});

afterAll(async () => {
  await db.close();
  await test.drop();
});

/** Ends all connections of the given application except the asker's. */
async function killConnections(application: string) {
  await db.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()",
    [application],
  );
}

describe("a query", () => {
  it("returns rows with exact values", async () => {
    const [row] =
      await db.query(`SELECT 9007199254740993::int8 AS big, ARRAY[1, NULL]::int8[] AS bigs, 1.10::numeric AS exact, '{"a":[1]}'::jsonb AS json,
      '2026-01-02'::date AS day, '2026-01-02T03:04:05.678Z'::timestamptz AS at, '2026-01-02T03:04:05.678'::timestamp AS bare, ARRAY['x'] AS list`);
    const at = new Date("2026-01-02T03:04:05.678Z");
    expect(row).toEqual({
      big: 9007199254740993n,
      bigs: [1n, null],
      exact: "1.10",
      json: { a: [1] },
      day: "2026-01-02",
      at,
      bare: at,
      list: ["x"],
    });
  });

  it("takes values and returns rows; the types of their columns are unknown", async () => {
    // @ts-expect-error Only a statement of `statementsOf` has typed rows.
    await expect(db.query<{ available: bigint }>("SELECT 1 AS available")).resolves.toEqual([{ available: 1 }]);
    interface Stock {
      readonly sku: string;
      readonly available: bigint;
    }
    const rows = await rowsOf<Stock>(db, "INSERT INTO stock VALUES ($1, $2) RETURNING *", ["A", 5n]);
    expect(rows.map(({ available }) => available + 1n)).toEqual([6n]);
  });

  it("may be prepared under a name, also when pipelined in one transaction", async () => {
    const prepared = (tx: Pick<Database, "query">, n: number) => tx.query("SELECT $1::int AS n", [n], { name: "echo" });
    const rows = await db.transaction((tx) => Promise.all([1, 2, 3].map((n) => prepared(tx, n))));
    expect(rows.flat().map(({ n }) => n)).toEqual([1, 2, 3]);
    expect(await prepared(db, 4)).toEqual([{ n: 4 }]);
  });

  it("is prepared again also when its table is migrated again and again", async () => {
    const old = open({ max: 1 });
    await db.query("CREATE TABLE restless AS SELECT 1 AS n");
    const read = (name: string) => old.query("SELECT * FROM restless", [], { name });
    // The names that come next, as another connection would have prepared them between the migrations.
    for (const name of ["restless", "restless~1", "restless~2"]) await read(name);
    await db.query("ALTER TABLE restless ADD COLUMN more int");
    expect(await read("restless")).toEqual([{ n: 1, more: null }]);
    await db.query("DROP TABLE restless");
  });

  it("prepared before its table got another column is prepared again, inside and outside of transactions", async () => {
    const old = open({ max: 2 });
    await db.query("CREATE TABLE growing AS SELECT 1 AS n");
    const read = (sql: Pick<Database, "query">, name: string) =>
      sql.query("SELECT * FROM growing", [], { name: `growing.${name}` });
    const onBoth = () => Promise.all([read(old, "a"), read(old, "a"), old.transaction((tx) => read(tx, "b"))]);
    await onBoth();
    for (const column of ["first", "second"]) {
      await db.query(`ALTER TABLE growing ADD COLUMN ${column} text NOT NULL DEFAULT ''`);
      const work = async (tx: Pick<Database, "query">) => [...(await read(tx, "b")), ...(await read(tx, "a"))];
      for (const row of [...(await onBoth()).flat(), ...(await old.transaction(work))])
        expect(row).toHaveProperty(column);
    }
    await db.query("DROP TABLE growing");
  });

  it("shows constraint violations by name and keeps its connection", async () => {
    const single = open({ max: 1 });
    const backend = async () => (await single.query("SELECT pg_backend_pid() AS pid"))[0]?.pid;
    const before = await backend();
    await single.query("INSERT INTO stock VALUES ('A', 1)");
    const unique = await single.query("INSERT INTO stock VALUES ('A', 1)").catch((error: unknown) => error);
    const check = await single.query("UPDATE stock SET available = -1").catch((error: unknown) => error);
    const foreign = await single.query("INSERT INTO hold VALUES ('B')").catch((error: unknown) => error);
    expect([
      isUniqueViolation(unique),
      isUniqueViolation(unique, "stock_pkey"),
      isUniqueViolation(unique, "other"),
    ]).toEqual([true, true, false]);
    expect([isCheckViolation(check, "stock_not_negative"), isUniqueViolation(check)]).toEqual([true, false]);
    expect(isForeignKeyViolation(foreign, "hold_stock")).toBe(true);
    expect(await backend()).toBe(before);
  });

  it("that takes too long is cancelled as DEADLINE_EXCEEDED", async () => {
    await expect(open({ statementTimeoutMs: 50 }).query("SELECT pg_sleep(5)")).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
      reason: "STATEMENT_TIMEOUT",
    });
  });

  it("that contain a NUL character are the caller's fault", async () => {
    await expect(db.query("SELECT $1::text", ["a\u0000b"])).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "TEXT_NOT_STORABLE",
    });
  });

  it("is UNAVAILABLE with its cause when no server listens", async () => {
    const error = await open({ url: "postgres://nobody@127.0.0.1:1/none" })
      .query("SELECT 1")
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "UNAVAILABLE",
      reason: "DATABASE_UNAVAILABLE",
      cause: { code: "ECONNREFUSED" },
    });
    expect(isTransient(error)).toBe(true);
  });

  it("works again after the server ended all connections, in use or idle", async () => {
    const client = openDatabase({ url: test.url, service: "client" });
    opened.push(client);
    await client.query("SELECT 1");
    const sleeping = client.query("SELECT pg_sleep(10)").catch((error: unknown) => error);
    await eventually(async () => {
      const rows = await db.query(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'client' AND state = 'active'",
      );
      expect(rows).toHaveLength(1);
    });
    await killConnections("client");
    expect(await sleeping).toMatchObject({ code: "UNAVAILABLE", reason: "DATABASE_UNAVAILABLE" });
    await eventually(() => client.ping());
  });
});

describe("a transaction", () => {
  const available = async (sku: string) =>
    (await rowsOf<{ available: bigint }>(db, "SELECT available FROM stock WHERE sku = $1", [sku]))[0]?.available;

  it("commits its changes, then calls its hooks in order", async () => {
    const calls: string[] = [];
    const result = await db.transaction(async (tx) => {
      tx.afterCommit(() => void calls.push("first"));
      await tx.query("INSERT INTO stock VALUES ('A', 1)");
      tx.afterCommit(() => void calls.push("second"));
      expect(calls).toEqual([]);
      return "done";
    });
    expect([result, calls, await available("A")]).toEqual(["done", ["first", "second"], 1n]);
  });

  it("rolls back when its work throws, calls no hook and keeps the error and the connection", async () => {
    const single = open({ max: 1 });
    const refusal = new Error("no");
    const backend = async (sql: Pick<Database, "query">) => (await sql.query("SELECT pg_backend_pid() AS pid"))[0]?.pid;
    let inside: unknown;
    const attempt = single.transaction(async (tx) => {
      tx.afterCommit(() => expect.unreachable());
      await tx.query("INSERT INTO stock VALUES ('A', 1)");
      inside = await backend(tx);
      throw refusal;
    });
    await expect(attempt).rejects.toBe(refusal);
    expect(await available("A")).toBeUndefined();
    expect(await backend(single)).toBe(inside);
  });

  it("fails loudly when its work swallows the error of a statement", async () => {
    const attempt = db.transaction(async (tx) => {
      tx.afterCommit(() => expect.unreachable());
      await tx.query("INSERT INTO stock VALUES ('A', -1)").catch(() => undefined);
    });
    await expect(attempt).rejects.toThrow("swallowed");
  });

  it("refuses queries that come after its end", async () => {
    const leaked = await db.transaction(async (tx) => tx);
    await expect(leaked.query("SELECT 1")).rejects.toThrow("Await each query");
  });

  it("is run again after a serialization failure, so that no update is lost", async () => {
    await db.query("INSERT INTO stock VALUES ('A', 0)");
    let attempts = 0;
    const increment = () =>
      db.transaction(
        async (tx) => {
          attempts++;
          const [row] = await rowsOf<{ available: bigint }>(tx, "SELECT available FROM stock WHERE sku = 'A'");
          // All have read before the first one writes.
          await eventually(() => expect(attempts).toBeGreaterThanOrEqual(3));
          await tx.query("UPDATE stock SET available = $1 WHERE sku = 'A'", [(row?.available ?? 0n) + 1n]);
        },
        { isolation: "repeatable read" },
      );
    await Promise.all([increment(), increment(), increment()]);
    expect(await available("A")).toBe(3n);
    expect(attempts).toBeGreaterThan(3);
  });

  it.each([
    ["pipelined", (...both: Promise<unknown>[]) => pipelined(both)],
    ["awaited one by one", async (...both: Promise<unknown>[]) => [await both[0], await both[1]]],
  ])("is run again when a conflict caused the failure of a pipelined statement (%s)", async (_, joined) => {
    let attempts = 0;
    await db.transaction(async (tx) => {
      const conflict = tx.query(
        ++attempts > 1 ? "SELECT 1" : "DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$",
      );
      conflict.catch(() => undefined);
      await joined(tx.query("SELECT 1"), conflict);
    });
    expect(attempts).toBe(2);
  });

  it("survives a deadlock", async () => {
    await db.query("INSERT INTO stock VALUES ('A', 0), ('B', 0)");
    let arrived = 0;
    const both = (first: string, second: string) =>
      db.transaction(async (tx) => {
        await tx.query("UPDATE stock SET available = available + 1 WHERE sku = $1", [first]);
        if (++arrived < 2) await eventually(() => expect(arrived).toBeGreaterThanOrEqual(2));
        await tx.query("UPDATE stock SET available = available + 1 WHERE sku = $1", [second]);
      });
    await Promise.all([both("A", "B"), both("B", "A")]);
    expect([await available("A"), await available("B")]).toEqual([2n, 2n]);
  });

  it("ends as ABORTED when conflicts do not end", async () => {
    let attempts = 0;
    const hopeless = db.transaction(async (tx) => {
      attempts++;
      await tx.query("DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$");
    });
    await expect(hopeless).rejects.toMatchObject({
      code: "ABORTED",
      reason: "TRANSACTION_CONFLICT",
      cause: { code: "40001" },
    });
    expect(attempts).toBe(4);
  });

  it("is UNAVAILABLE when its connection breaks before the commit", async () => {
    const client = openDatabase({ url: test.url, service: "client", max: 1 });
    opened.push(client);
    const attempt = client.transaction(async (tx) => {
      await tx.query("INSERT INTO stock VALUES ('A', 1)");
      await killConnections("client");
      await tx.query("SELECT 1");
    });
    await expect(attempt).rejects.toMatchObject({ code: "UNAVAILABLE", reason: "DATABASE_UNAVAILABLE" });
    expect(await available("A")).toBeUndefined();
    await eventually(() => client.ping());
  });

  it("reports an unknown outcome when the response to COMMIT is lost", async () => {
    await db.query("CREATE TABLE slow (n int)");
    await db.query(
      "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(10); RETURN NULL; END'",
    );
    await db.query(
      "CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()",
    );
    const client = openDatabase({ url: test.url, service: "client", max: 1 });
    opened.push(client);
    const attempt = client
      .transaction(async (tx) => {
        tx.afterCommit(() => expect.unreachable());
        await tx.query("INSERT INTO slow VALUES (1)");
      })
      .catch((error: unknown) => error);
    await eventually(async () => {
      const rows = await db.query(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'client' AND query = 'COMMIT' AND state = 'active'",
      );
      expect(rows).toHaveLength(1);
    });
    await killConnections("client");
    const error = await attempt;
    expect(isKontorError(error, "COMMIT_OUTCOME_UNKNOWN")).toBe(true);
    expect(error).toMatchObject({ code: "UNAVAILABLE", cause: expect.any(Error) });
  });
});

describe("the metrics", () => {
  it("show the pool and the transactions of the service", async () => {
    await db.transaction((tx) => tx.query("SELECT 1"));
    const text = await registry.metrics();
    expect(text).toMatch(/kontor_postgres_pool_connections\{service="tester",state="total"\} [1-8]/);
    expect(text).toMatch(
      /kontor_postgres_transaction_duration_seconds_count\{service="tester",outcome="committed"\} \d/,
    );
  });
});

describe("closing", () => {
  it("ends every connection and refuses later calls", async () => {
    const short = openDatabase({ url: test.url, service: "short" });
    await Promise.all([short.ping(), short.ping(), short.lock("short")]);
    await Promise.all([short.close(), short.close()]);
    await eventually(async () =>
      expect(await db.query("SELECT 1 FROM pg_stat_activity WHERE application_name = 'short'")).toEqual([]),
    );
    await expect(short.ping()).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});
