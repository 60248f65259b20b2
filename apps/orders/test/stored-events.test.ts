import { goldenFaults, rebuildProjection, verifyProjection } from "@kontor/event-store";
import { type Database, migrate, openDatabase } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ordersApp } from "../src/app.ts";
import { anOrder, at } from "../src/domain/fixtures.ts";
import { historyOf } from "../src/domain/history.ts";
import { orderEvents, ordersTable } from "../src/outbound/order-events.ts";
import { createOrderStore } from "../src/outbound/order-store.ts";
import { orderEventCodec } from "../src/outbound/stored-events.ts";
import { readGoldenEvents, samples } from "./stored-events.ts";

const golden = await readGoldenEvents();
const postgres = await startPostgres();
let db: Database;
beforeAll(async () => {
  const { url } = await postgres.createDatabase("orders", { owner: true });
  await migrate({ url, folders: migrationsOf(ordersApp), log: { info: () => undefined } });
  db = openDatabase({ url, service: "test" });
});
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

it("every shape of an event that was ever stored has a golden file, and decodes as before", () => {
  expect(goldenFaults(orderEventCodec, golden, samples)).toEqual([]);
});

describe("an order whose events are of every version", () => {
  it("is the same in its row, in its history and after two rebuilds", async () => {
    const orders = createOrderStore(db);
    const firsts = golden.filter(({ type }) => type === "placed");
    const rest = golden.filter(({ type }) => type !== "placed");
    for (const first of firsts) {
      const orderId = first.file;
      for (const [nth, { type, schemaVersion, data }] of [first, ...rest].entries()) {
        const stored = type === "placed" ? { ...(data as object), orderId } : data;
        await db.query(
          "INSERT INTO events (stream_id, version, type, schema_version, data) VALUES ($1, $2, $3, $4, $5::jsonb)",
          [orderId, nth + 1, type, schemaVersion, JSON.stringify(stored)],
        );
      }
    }
    for (const _ of [1, 2]) {
      await rebuildProjection({ db, store: orderEvents, projection: ordersTable });
      expect(await verifyProjection(db, orderEvents, ordersTable)).toEqual([]);
      for (const { file } of firsts) {
        const events = await orders.history(file);
        const { number: _, ...folded } = historyOf(events).at(-1)?.order ?? anOrder();
        expect(await orders.find(file)).toMatchObject({ ...folded, version: 1 + rest.length });
      }
    }
  });

  it("is changed by pods of the release before and of this one in turn", async () => {
    const orders = createOrderStore(db);
    await db.transaction((tx) => orders.place(tx, { ...anOrder(), orderId: "mixed", number: "K-0000-0001" }));
    // The statement of the release before, which names no version.
    await db.query("INSERT INTO events (stream_id, version, type, data) VALUES ('mixed', 2, 'rejected', $1::jsonb)", [
      JSON.stringify({ reason: "STEP_TIMEOUT", detail: "Step reserve-stock did not answer.", at }),
    ]);
    const events = await orders.history("mixed");
    expect(events.at(-1)).toMatchObject({ type: "rejected", reason: "CHECKOUT_FAILED" });
  });
});
