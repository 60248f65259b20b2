import { eventually, rowsOf } from "@kontor/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defineProjection, type RebuildProgress, rebuildProjection, verifyProjection } from "../src/index.ts";
import { type AccountEvent, aBank, balances, opened, paidIn } from "./accounts.ts";

let bank: Awaited<ReturnType<typeof aBank>>;
beforeEach(async () => {
  bank = await aBank();
});
afterEach(() => bank.close());

const table = () => bank.db.query("SELECT id, balance, version FROM balances ORDER BY id");
const rebuild = (onProgress?: (progress: RebuildProgress) => void) =>
  rebuildProjection({
    db: bank.db,
    store: bank.store,
    projection: balances,
    batch: 50,
    ...(onProgress && { onProgress }),
  });

describe("a projection", () => {
  it("changes in the transaction that appends", async () => {
    await bank.append("A-1", 0, opened("Ada"), paidIn(5));
    await expect(bank.append("A-1", 0, paidIn(5))).rejects.toMatchObject({ reason: "VERSION_CONFLICT" });
    expect(await table()).toEqual([{ id: "A-1", balance: 5, version: 2n }]);
  });

  it("is found equal to its events, or the rows that differ are named", async () => {
    await bank.append("A-1", 0, paidIn(5));
    await bank.append("A-2", 0, paidIn(6));
    expect(await verifyProjection(bank.db, bank.store, balances)).toEqual([]);
    await bank.db.query("UPDATE balances SET balance = 50 WHERE id = 'A-1'");
    expect(await verifyProjection(bank.db, bank.store, balances)).toMatchObject([
      { table: "balances", missing: [{ id: "A-1", balance: 5 }], unexplained: [{ id: "A-1", balance: 50 }] },
    ]);
    expect(await bank.db.query("SELECT 1 FROM pg_namespace WHERE nspname LIKE 'shadow%'")).toEqual([]);
  });

  it("cannot have a name that needs quoting", () => {
    expect(() => defineProjection<AccountEvent>({ name: "x", tables: ["a; drop"], apply: async () => {} })).toThrow(
      "cannot name",
    );
  });
});

describe("rebuilding a projection", () => {
  it("repairs wrong rows, and keeps the names of its indexes", async () => {
    for (let i = 0; i < 120; i++) await bank.append(`A-${i}`, 0, opened("Ada"), paidIn(i));
    const before = await table();
    await bank.db.query("DELETE FROM balances WHERE balance % 3 = 0");
    const positions: bigint[] = [];
    expect(await rebuild(({ position }) => positions.push(position))).toEqual({ applied: 240, by: "swap" });
    expect(await table()).toEqual(before);
    expect(positions.length).toBeGreaterThan(3);
    expect(positions.at(-1)).toBe(240n);
    const indexes = await bank.db.query("SELECT indexname FROM pg_indexes WHERE tablename = 'balances' ORDER BY 1");
    expect(indexes).toEqual([{ indexname: "balances_key" }, { indexname: "by_balance" }]);
    expect(await bank.db.query("SELECT 1 FROM pg_namespace WHERE nspname LIKE 'shadow%'")).toEqual([]);
  });

  async function rebuildWhileWriting(readFirst: boolean) {
    for (let i = 0; i < 100; i++) await bank.append(`A-${i}`, 0, opened("Ada"), paidIn(1));
    let done = false;
    let written = 0;
    const write = async (writer: number) => {
      for (let version = 0; !done; version++) {
        await bank.db.transaction(async (tx) => {
          if (readFirst) await tx.query("SELECT 1 FROM balances WHERE id = $1", [`W-${writer}`]);
          await bank.store.append(tx, `W-${writer}`, version, [paidIn(1)]);
          await tx.query("SELECT pg_sleep($1)", [Math.random() * 0.02]); // The order of commits is not that of positions.
        });
        written++;
      }
    };
    const writers = [0, 1, 2, 3].map(write);
    const ways: string[] = [];
    await eventually(() => expect(written).toBeGreaterThan(20));
    for (let round = 0; round < 3; round++) ways.push((await rebuild()).by);
    const during = written;
    await eventually(() => expect(written).toBeGreaterThan(during));
    done = true;
    await Promise.all(writers);
    const [sum] = await rowsOf<{ sum: bigint }>(
      bank.db,
      "SELECT sum(balance) AS sum FROM balances WHERE id LIKE 'W-%'",
    );
    return {
      ways,
      lost: BigInt(written) - (sum?.sum ?? 0n),
      difference: await verifyProjection(bank.db, bank.store, balances),
    };
  }

  it("loses no event that is written meanwhile, also if it commits late", async () => {
    expect(await rebuildWhileWriting(false)).toMatchObject({ lost: 0n, difference: [] });
  });

  it("gets by among writers that have read the table before they append", async () => {
    expect(await rebuildWhileWriting(true)).toMatchObject({ lost: 0n, difference: [] });
  });

  it("repairs by merging while a reader holds the table", async () => {
    for (let i = 0; i < 50; i++) await bank.append(`A-${i}`, 0, paidIn(i));
    const before = await table();
    await bank.db.query("UPDATE balances SET balance = 999 WHERE balance < 10");
    await bank.db.query("DELETE FROM balances WHERE balance = 20");
    await bank.db.transaction(async (tx) => {
      await tx.query("SELECT 1 FROM balances");
      expect(await rebuild()).toEqual({ applied: 50, by: "merge" });
    });
    expect(await table()).toEqual(before);
  });

  it("is done by one at a time", async () => {
    for (let i = 0; i < 50; i++) await bank.append(`A-${i}`, 0, paidIn(i));
    const answers = await Promise.allSettled([rebuild(), rebuild()]);
    const refusals = answers.filter((answer) => answer.status === "rejected");
    expect(refusals.map(({ reason }) => reason.reason)).toEqual(["REBUILD_RUNNING"]);
  });

  it("leaves the table unchanged when it fails, and succeeds later", async () => {
    for (let i = 0; i < 60; i++) await bank.append(`A-${i}`, 0, paidIn(1));
    const before = await table();
    let calls = 0;
    const brittle = {
      ...balances,
      apply: async (...args: Parameters<typeof balances.apply>) => {
        if (++calls === 2) throw new Error("killed");
        await balances.apply(...args);
      },
    };
    const failing = rebuildProjection({ db: bank.db, store: bank.store, projection: brittle, batch: 50 });
    await expect(failing).rejects.toThrow("killed");
    expect(await table()).toEqual(before);
    await rebuild();
    expect(await table()).toEqual(before);
  });
});
