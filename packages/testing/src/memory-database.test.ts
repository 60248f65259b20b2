import { describe, expect, it } from "vitest";
import { createMemoryDatabase } from "./memory-database.ts";

const setUp = () => {
  const db = createMemoryDatabase();
  const stock = db.table<string, number>();
  const add = (by: number) =>
    db.transaction(async (tx) => {
      const rows = stock.rows(tx);
      const before = rows.get("P-1") ?? 0;
      await Promise.resolve();
      rows.set("P-1", before + by);
    });
  return { db, stock, add };
};

describe("a transaction in memory", () => {
  it("runs alone, and calls its hooks once it is committed", async () => {
    const { db, stock, add } = setUp();
    await Promise.all(Array.from({ length: 10 }, () => add(1)));
    expect(stock.rows().get("P-1")).toBe(10);
    let seen: number | undefined;
    await db.transaction(async (tx) => {
      tx.afterCommit(() => {
        seen = stock.rows().get("P-1");
      });
      stock.rows(tx).set("P-1", 0);
      expect(stock.rows().get("P-1")).toBe(10);
    });
    expect(seen).toBe(0);
  });

  it("that fails changes nothing, calls no hook, and does not stop the next one", async () => {
    const { db, stock, add } = setUp();
    const failed = db.transaction(async (tx) => {
      stock.rows(tx).set("P-1", 99);
      tx.afterCommit(() => expect.fail("It was not committed."));
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    await add(1);
    expect(stock.rows().get("P-1")).toBe(1);
  });

  it("refuses another within it, SQL, and calls after its end", async () => {
    const { db, stock } = setUp();
    const nested = db.transaction(async () => db.transaction(async () => 1));
    await expect(nested).rejects.toThrow("within a transaction");
    await expect(db.transaction((tx) => tx.query("SELECT 1"))).rejects.toThrow("runs no SQL");
    const ended = await db.transaction(async (tx) => tx);
    expect(() => stock.rows(ended)).toThrow("had ended");
  });
});
