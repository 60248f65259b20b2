import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEventStore, rebuildProjection, verifyProjection } from "../src/index.ts";
import { aBank, account, accountCodec, balances, laterCodec, opened, paidIn } from "./accounts.ts";

let bank: Awaited<ReturnType<typeof aBank>>;
beforeEach(async () => {
  bank = await aBank();
});
afterEach(() => bank.close());

const later = createEventStore({ codec: laterCodec, projections: [balances] });
/** Stores as a release before versions did, which names no version. */
const storeAsBefore = (id: string, version: number, type: string, data: object) =>
  bank.db.query("INSERT INTO events (stream_id, version, type, data) VALUES ($1, $2, $3, $4::jsonb)", [
    id,
    version,
    type,
    JSON.stringify(data),
  ]);
const append = (id: string, expected: number, ...events: Parameters<typeof later.append>[3]) =>
  bank.db.transaction((tx) => later.append(tx, id, expected, events));

describe("a stream with events of several versions", () => {
  it("is folded from all of them, each raised through every version between", async () => {
    await bank.append("A-1", 0, opened("Ada"), paidIn(5));
    await storeAsBefore("A-1", 3, "paid-in", { amount: 2 });
    await bank.db.query(
      `INSERT INTO events (stream_id, version, type, schema_version, data) VALUES ('A-1', 4, 'paid-in', 2, '{"cents": 300}')`,
    );
    await append("A-1", 4, paidIn(7));
    const stored = await bank.db.query(
      "SELECT schema_version, data FROM events WHERE stream_id = 'A-1' ORDER BY version",
    );
    expect(stored.at(-1)).toEqual({ schema_version: 3, data: { cents: 700, currency: "EUR" } });
    expect(await later.load(bank.db, "A-1", account)).toEqual({ state: { owner: "Ada", balance: 17 }, version: 5 });
    const events = await later.read(bank.db, "A-1");
    expect(events.map(({ event }) => event)).toEqual([opened("Ada"), paidIn(5), paidIn(2), paidIn(3), paidIn(7)]);
  });

  it("gives the same from events, from a snapshot with its tail, and from a projection that is rebuilt twice", async () => {
    await bank.append("A-1", 0, opened("Ada"), ...Array.from({ length: 60 }, () => paidIn(1)));
    const { state, version } = await later.load(bank.db, "A-1", account);
    const snapshotted = { ...state, balance: state.balance + 40 };
    const many = Array.from({ length: 40 }, () => paidIn(1));
    await bank.db.transaction((tx) => later.append(tx, "A-1", version, many, { state: snapshotted }));
    expect(await bank.db.query("SELECT version FROM snapshots")).toEqual([{ version: 101n }]);
    await append("A-1", 101, paidIn(5));
    const fromSnapshot = await later.load(bank.db, "A-1", account);
    await bank.db.query("DELETE FROM snapshots");
    expect(await later.load(bank.db, "A-1", account)).toEqual(fromSnapshot);
    expect(fromSnapshot.state.balance).toBe(105);
    for (const _ of [1, 2]) {
      await rebuildProjection({ db: bank.db, store: later, projection: balances });
      expect(await bank.db.query("SELECT balance FROM balances")).toEqual([{ balance: 105 }]);
      expect(await verifyProjection(bank.db, later, balances)).toEqual([]);
    }
  });
});

describe("an event that this release cannot read", () => {
  it("is refused for now when a newer release wrote it, with type, version and place", async () => {
    await append("A-1", 0, opened("Ada"), paidIn(7));
    const refusal = {
      ...{ code: "UNAVAILABLE", reason: "EVENT_UNKNOWN" },
      metadata: { type: "paid-in", schemaVersion: "3", known: "1", streamId: "A-1", version: "2" },
    };
    await expect(bank.store.read(bank.db, "A-1")).rejects.toMatchObject(refusal);
    await expect(bank.store.load(bank.db, "A-1", account)).rejects.toMatchObject(refusal);
    await storeAsBefore("A-2", 1, "constructor", {});
    await expect(bank.store.read(bank.db, "A-2")).rejects.toMatchObject({
      ...{ reason: "EVENT_UNKNOWN", metadata: { type: "constructor", streamId: "A-2", version: "1" } },
    });
  });

  it("is refused permanently when it has another shape than its version", async () => {
    for (const [nth, data] of [{ amount: "5" }, {}, { cents: 5 }].entries()) {
      await storeAsBefore(`A-${nth}`, 1, "paid-in", data);
      const reading = createEventStore({ codec: accountCodec }).read(bank.db, `A-${nth}`);
      await expect(reading).rejects.toMatchObject({
        ...{ code: "DATA_LOSS", reason: "EVENT_UNREADABLE" },
        metadata: { type: "paid-in", schemaVersion: "1", streamId: `A-${nth}`, version: "1" },
      });
    }
    await storeAsBefore("A-text", 1, "paid-in", ["no object"]);
    await expect(later.read(bank.db, "A-text")).rejects.toMatchObject({ reason: "EVENT_UNREADABLE" });
  });

  it("stops the rebuild of a projection, which remains unchanged", async () => {
    await bank.append("A-1", 0, opened("Ada"), paidIn(5));
    await append("A-2", 0, paidIn(6));
    const before = await bank.db.query("SELECT * FROM balances ORDER BY id");
    const rebuilding = rebuildProjection({ db: bank.db, store: bank.store, projection: balances });
    await expect(rebuilding).rejects.toMatchObject({ reason: "EVENT_UNKNOWN", metadata: { streamId: "A-2" } });
    expect(await bank.db.query("SELECT * FROM balances ORDER BY id")).toEqual(before);
  });
});
