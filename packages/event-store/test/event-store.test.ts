import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { createEventStore, defineEvents } from "../src/index.ts";
import { type AccountEvent, aBank, account, accountCodec, opened, paidIn, shapeOf } from "./accounts.ts";

let bank: Awaited<ReturnType<typeof aBank>>;
beforeAll(async () => {
  bank = await aBank({ snapshots: { every: 3 } });
});
afterAll(() => bank.close());

describe("a stream of events", () => {
  it("is read in order, whole or in part, with its metadata", async () => {
    const metadata = { by: "U-1" };
    await bank.db.transaction((tx) => bank.store.append(tx, "A-1", 0, [opened("Ada"), paidIn(5)], { metadata }));
    await bank.append("A-1", 2, paidIn(7));
    const all = await bank.store.read(bank.db, "A-1");
    expect(all.map(({ version, event }) => [version, event])).toEqual([
      [1, opened("Ada")],
      [2, paidIn(5)],
      [3, paidIn(7)],
    ]);
    expect(all[0]).toMatchObject({ streamId: "A-1", metadata, recordedAt: expect.any(Date) });
    expect((await bank.store.read(bank.db, "A-1", { from: 2, to: 2 })).map(({ event }) => event)).toEqual([paidIn(5)]);
    expect(await bank.store.load(bank.db, "A-1", account)).toEqual({
      state: { owner: "Ada", balance: 12 },
      version: 3,
    });
  });

  it("that does not exist is at version 0", async () => {
    expect(await bank.store.load(bank.db, "nobody", account)).toEqual({ state: account.initial, version: 0 });
  });

  it("is appended to together with others of the transaction, each in its order and with its own outcome", async () => {
    const ids = Array.from({ length: 64 }, (_, n) => `many-${n}`);
    const metadata = (n: number) => ({ by: `U-${n}` });
    const recorded = await bank.db.transaction((tx) =>
      Promise.all(ids.map((id, n) => bank.store.append(tx, id, 0, [opened(id), paidIn(n)], { metadata: metadata(n) }))),
    );
    expect(recorded.map((events) => events.map(({ version }) => version))).toEqual(ids.map(() => [1, 2]));
    for (const n of [0, 13, 63]) {
      const stored = await bank.store.read(bank.db, `many-${n}`);
      expect(stored).toEqual(recorded[n]);
      expect(stored[1]).toMatchObject({ event: paidIn(n), metadata: metadata(n) });
    }
    const outcomes = await bank.db.transaction((tx) =>
      Promise.allSettled([
        bank.store.append(tx, "many-1", 2, [paidIn(1)]),
        bank.store.append(tx, "many-2", 1, [paidIn(1)]), // Decided on an older version.
        bank.store.append(tx, "many-1", 3, [paidIn(1)]), // After the first, which it counts on.
      ]),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({ reason: { reason: "VERSION_CONFLICT", metadata: { streamId: "many-2" } } });
    expect(await bank.store.load(bank.db, "many-1", account)).toMatchObject({ version: 4 });
  });

  it("refuses events decided on another version, older or newer", async () => {
    await bank.append("A-2", 0, opened("Bob"));
    for (const expected of [0, 2]) {
      await expect(bank.append("A-2", expected, paidIn(1))).rejects.toMatchObject({
        code: "ABORTED",
        reason: "VERSION_CONFLICT",
        metadata: { streamId: "A-2", expectedVersion: String(expected) },
      });
    }
    expect(await bank.store.read(bank.db, "A-2")).toHaveLength(1);
  });

  it("accepts one of many concurrent appends, and has no gaps", async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => bank.append("A-3", 0, opened("Eve"), paidIn(1))),
    );
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status === "rejected") expect(answer.reason).toMatchObject({ reason: "VERSION_CONFLICT" });
    }
    expect((await bank.store.read(bank.db, "A-3")).map(({ version }) => version)).toEqual([1, 2]);
  });

  it("cannot be changed, deleted or truncated", async () => {
    await expect(bank.db.query("UPDATE events SET type = 'paid-out'")).rejects.toThrow("immutable");
    await expect(bank.db.query("DELETE FROM events")).rejects.toThrow("immutable");
    await expect(bank.db.query("TRUNCATE events")).rejects.toThrow("immutable");
  });

  it("appends nothing when there is nothing to append", async () => {
    expect(await bank.append("A-4", 0)).toEqual([]);
  });

  it("stores values by the codec that JSON cannot represent", async () => {
    type Big = { type: "big"; amount: bigint };
    const amount = z.codec(z.string(), z.bigint(), { decode: BigInt, encode: String });
    const store = createEventStore({ codec: defineEvents<Big>({ big: { shape: shapeOf(z.object({ amount })) } }) });
    const event: Big = { type: "big", amount: 2n ** 60n };
    await bank.db.transaction((tx) => store.append(tx, "A-5", 0, [event]));
    expect((await store.read(bank.db, "A-5"))[0]?.event).toEqual(event);
  });
});

describe("a snapshot", () => {
  const pay = async (id: string, times: number) => {
    for (let i = 0; i < times; i++) {
      const { state, version } = await bank.store.load(bank.db, id, account);
      const next = account.apply(state, paidIn(1));
      await bank.db.transaction((tx) => bank.store.append(tx, id, version, [paidIn(1)], { state: next }));
    }
  };

  it("is taken every few events, and only later events are folded", async () => {
    await pay("S-1", 7);
    const [snapshot] = await bank.db.query("SELECT version, state FROM snapshots WHERE stream_id = 'S-1'");
    expect(snapshot).toMatchObject({ version: 6n, state: { balance: 6 } });
    let folded = 0;
    const counting = {
      ...account,
      apply: (state: typeof account.initial, event: AccountEvent) => {
        folded++;
        return account.apply(state, event);
      },
    };
    expect(await bank.store.load(bank.db, "S-1", counting)).toEqual({ state: { owner: "", balance: 7 }, version: 7 });
    expect(folded).toBe(1);
  });

  it("of another schema is ignored", async () => {
    await pay("S-2", 3);
    await bank.db.query(`UPDATE snapshots SET state = '{"balance": 999}' WHERE stream_id = 'S-2'`);
    const newer = createEventStore({ codec: accountCodec, snapshots: { schemaVersion: 2 } });
    expect((await newer.load(bank.db, "S-2", account)).state.balance).toBe(3);
  });

  it("is not stored when the append is rolled back", async () => {
    const append = bank.db.transaction(async (tx) => {
      await bank.store.append(tx, "S-3", 0, [paidIn(1), paidIn(1), paidIn(1)], { state: { owner: "", balance: 3 } });
      throw new Error("changed my mind");
    });
    await expect(append).rejects.toThrow("changed my mind");
    expect(await bank.db.query("SELECT 1 FROM snapshots WHERE stream_id = 'S-3'")).toEqual([]);
  });
});
