import { type Database, migrate, openDatabase } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { createLogger } from "@kontor/telemetry";
import { startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paymentsApp } from "../src/app.ts";

describe("the ledger", () => {
  let db: Database;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    const postgres = await startPostgres();
    const { url } = await postgres.createDatabase("ledger", { owner: true });
    await migrate({ url, folders: migrationsOf(paymentsApp), log: createLogger({ service: "test" }) });
    db = openDatabase({ url, service: "test" });
    stop = async () => {
      await db.close();
      await postgres.stop();
    };
    await db.query(
      `INSERT INTO payments (order_id, user_id, status, method, amount, currency, created_at, updated_at)
       VALUES ('O-1', 'U-1', 'authorised', 'card', 100, 'EUR', now(), now())`,
    );
    await book("good", [100, -100]);
  });
  afterAll(() => stop());

  const book = (key: string, amounts: readonly number[], currencies = ["EUR", "EUR"]) =>
    db.transaction(async (tx) => {
      const text =
        "INSERT INTO ledger_transactions (payment_id, kind, key) SELECT id, 'capture', $1 FROM payments RETURNING id";
      const [transaction] = await tx.query(text, [key]);
      const accounts = ["provider-receivable", "customer-orders"];
      for (const [n, amount] of amounts.entries()) {
        const values = [transaction?.id, accounts[n], amount, currencies[n]];
        await tx.query("INSERT INTO ledger_entries VALUES ($1, $2, $3, $4)", values);
      }
    });

  it.each([
    ["does not sum to 0", [100, -99], ["EUR", "EUR"]],
    ["has one side only", [100], ["EUR"]],
    ["has no entries", [], []],
    ["mixes currencies", [100, -100], ["EUR", "USD"]],
  ])("refuses a transaction that %s", async (_, amounts, currencies) => {
    await expect(book("bad", amounts, currencies)).rejects.toThrow(/does not balance/);
  });

  it("books nothing twice", async () => {
    await expect(book("good", [100, -100])).rejects.toThrow(/duplicate key/);
  });

  it.each([
    "UPDATE ledger_entries SET amount = amount * 2",
    "DELETE FROM ledger_entries",
    "TRUNCATE ledger_entries",
    "UPDATE ledger_transactions SET kind = 'refund'",
    "DELETE FROM ledger_transactions",
  ])("refuses %s", async (text) => {
    await expect(db.query(text)).rejects.toThrow(/append-only/);
  });
});
