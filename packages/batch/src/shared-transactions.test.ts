import { AsyncLocalStorage } from "node:async_hooks";
import { isUniqueViolation, openDatabase, type Tx } from "@kontor/postgres";
import { currentTraceId, runWithTrace } from "@kontor/telemetry";
import { startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createJoin, createSharedTransactions } from "./index.ts";

const postgres = await startPostgres();
const { url } = await postgres.createDatabase("shared_transactions", { owner: true });
const db = openDatabase({ url, service: "test" });
const share = createSharedTransactions(db, { name: "test" });
const statements: number[] = [];
const insert = createJoin(async (tx: Tx, ids: readonly number[]) => {
  statements.push(ids.length);
  await tx.query("INSERT INTO item (id) SELECT unnest($1::int[])", [ids]);
  return ids;
});

beforeAll(async () => {
  await db.query("CREATE TABLE item (id int PRIMARY KEY, by xid8 DEFAULT pg_current_xact_id())");
});
beforeEach(async () => {
  statements.length = 0;
  await db.query("TRUNCATE item");
});
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

const stored = async () => {
  const [row] = await db.query("SELECT count(*)::int AS items, count(DISTINCT by)::int AS transactions FROM item");
  return row;
};
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const trace = (n: number) => n.toString(16).padStart(32, "a");

describe("works that share a transaction", () => {
  it("are one transaction and, with a join, one statement, also if they await something before it", async () => {
    const works = numbers(64).map((n) =>
      share(async (tx) => {
        for (let waited = 0; waited < n % 5; waited++) await undefined;
        return insert(tx, n);
      }),
    );
    expect(await Promise.all(works)).toEqual(numbers(64));
    expect(statements).toEqual([64]);
    expect(await stored()).toEqual({ items: 64, transactions: 1 });
  });

  it("fail alone, with their own error, and the others commit", async () => {
    await db.query("INSERT INTO item (id) VALUES (13)");
    const works = await Promise.allSettled(numbers(64).map((n) => share((tx) => insert(tx, n))));
    const failed = works.flatMap((work, n) =>
      work.status === "rejected" ? [[n, isUniqueViolation(work.reason)]] : [],
    );
    expect(failed).toEqual([[13, true]]);
    expect(await stored()).toMatchObject({ items: 64 });
    expect(statements.length).toBeLessThanOrEqual(13);
  });

  it("each run in the trace and the context of their caller, and call back after the commit", async () => {
    const caller = new AsyncLocalStorage<number>();
    const seen: unknown[] = [];
    const committed: number[] = [];
    await Promise.all(
      numbers(8).map((n) =>
        caller.run(n, () =>
          runWithTrace({ traceparent: `00-${trace(n)}-b7ad6b7169203331-01` }, () =>
            share(async (tx) => {
              tx.afterCommit(() => committed.push(n));
              await insert(tx, n);
              seen.push([caller.getStore(), currentTraceId()]);
            }),
          ),
        ),
      ),
    );
    expect(seen).toEqual(numbers(8).map((n) => [n, trace(n)]));
    expect(committed).toEqual(numbers(8));
  });

  it("drop a work whose caller has cancelled, and one whose deadline has passed", async () => {
    const works = [
      share((tx) => insert(tx, 1)),
      share((tx) => insert(tx, 2), { signal: AbortSignal.abort(new Error("gone")) }),
      share((tx) => insert(tx, 3), { deadline: new Date(0) }),
    ];
    expect((await Promise.allSettled(works)).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    expect(await stored()).toMatchObject({ items: 1 });
  });
});

describe("a join", () => {
  it("separates the requests of different transactions", async () => {
    await Promise.all([db.transaction((tx) => insert(tx, 1)), db.transaction((tx) => insert(tx, 2))]);
    expect(await stored()).toEqual({ items: 2, transactions: 2 });
  });

  it("joins the works that one response woke, statement after statement", async () => {
    await db.transaction((tx) =>
      Promise.all(
        [1, 2, 3].map(async (n) => {
          await insert(tx, n);
          await insert(tx, n + 10);
        }),
      ),
    );
    expect(statements).toEqual([3, 3]);
  });
});
