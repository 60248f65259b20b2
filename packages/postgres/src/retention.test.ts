import { createLogger, registry } from "@kontor/telemetry";
import { eventually, startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { createRetention, prune, type RetentionRule } from "./retention.ts";

const log = createLogger({ service: "test", level: process.env.LOG_LEVEL ?? "silent" });
const DAY_MS = 86_400_000;
const rule: RetentionRule = { table: "notes", expired: (cutoff) => `at < ${cutoff}`, keepMs: DAY_MS };

let postgres: Awaited<ReturnType<typeof startPostgres>>;
let db: Database;
beforeAll(async () => {
  postgres = await startPostgres();
  const { url } = await postgres.createDatabase("retention", { owner: true });
  db = openDatabase({ url, service: "retention" });
  await db.query("CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL)");
  await db.query("CREATE INDEX notes_at_idx ON notes (at)");
});
afterAll(async () => {
  await db.close();
  await postgres.stop();
});
beforeEach(() => db.query("TRUNCATE notes"));

const insert = (count: number, days: number) =>
  db.query("INSERT INTO notes (at) SELECT now() - $2 * interval '1 day' FROM generate_series(1, $1)", [count, days]);
const left = async () => (await db.query("SELECT 1 FROM notes")).length;

describe("removing expired rows", () => {
  it("removes all that are older than their retention, in batches, and counts them", async () => {
    const before = await removedRows();
    await insert(1_250, 2);
    await insert(3, 0.5);
    expect(await prune({ db, rules: [rule], log })).toEqual({ removed: { notes: 1_250 }, finished: true });
    expect(await left()).toBe(3);
    expect((await removedRows()) - before).toBe(1_250);
  });

  it("keeps rows forever if the retention is 0", async () => {
    await insert(5, 9_999);
    expect(await prune({ db, rules: [{ ...rule, keepMs: 0 }], log })).toEqual({ removed: {}, finished: true });
    expect(await left()).toBe(5);
  });

  it("does not wait for rows that another transaction locks", async () => {
    await insert(10, 2);
    await db.transaction(async (tx) => {
      await tx.query("SELECT 1 FROM notes ORDER BY id LIMIT 4 FOR UPDATE");
      expect((await prune({ db, rules: [rule], log })).removed).toEqual({ notes: 6 });
    });
    expect((await prune({ db, rules: [rule], log })).removed).toEqual({ notes: 4 });
  });

  it("removes each row once when several replicas run it", async () => {
    await insert(3_000, 2);
    const rounds = await Promise.all([1, 2, 3].map(() => prune({ db, rules: [rule], log })));
    // A replica may find the rest locked and finish early; the others remove it.
    expect(rounds.reduce((sum, { removed }) => sum + (removed.notes ?? 0), 0)).toBe(3_000);
  });

  it("stops when its time is over, and reports that rows remain", async () => {
    await insert(1_500, 2);
    expect(await prune({ db, rules: [rule], log }, { roundMs: 0.001 })).toMatchObject({ finished: false });
    expect(await left()).toBeGreaterThan(0);
  });

  it("goes on with other tables when one fails", async () => {
    await insert(2, 2);
    const broken = { ...rule, table: "missing" };
    const pruned = await prune({ db, rules: [broken, rule], log });
    expect(pruned).toEqual({ removed: { missing: 0, notes: 2 }, finished: false });
  });
});

describe("the loop of a process", () => {
  it("removes expired rows from time to time until it is stopped", async () => {
    const retention = createRetention({ db, rules: [rule], log, intervalMs: 20 });
    retention.start();
    for (const _ of [1, 2]) {
      await insert(2, 2);
      await eventually(async () => expect(await left()).toBe(0));
    }
    await retention.stop();
    await insert(2, 2);
    expect(await left()).toBe(2);
  });
});

async function removedRows(): Promise<number> {
  const metric = await registry.getSingleMetric("kontor_retention_rows_total")?.get();
  return metric?.values.find(({ labels }) => labels.table === "notes")?.value ?? 0;
}
