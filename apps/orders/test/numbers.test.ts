import { rm } from "node:fs/promises";
import { rebuildProjection, verifyProjection } from "@kontor/event-store";
import { type Database, migrate, openDatabase } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { copyMigrations, rowsOf, startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ordersApp } from "../src/app.ts";
import { aPlacement } from "../src/domain/fixtures.ts";
import { readOrderNumber } from "../src/domain/order-number.ts";
import { orderEvents, ordersTable } from "../src/outbound/order-events.ts";
import { createOrderStore } from "../src/outbound/order-store.ts";

const folders = migrationsOf(ordersApp);
const log = { info: () => undefined };
const postgres = await startPostgres();
let db: Database;
let atVersionBefore: string;

/** The statements of the version before. */
async function placeAsBefore(id: string, recipient: string, into = db): Promise<void> {
  const { lines, itemsTotal, shippingTotal, total, address, ...rest } = aPlacement({ orderId: id });
  const money = ({ currency, minor }: { currency: string; minor: bigint }) => ({ currency, minor: `${minor}` });
  const placement = JSON.stringify({
    ...{
      ...rest,
      address: { ...address, recipient },
      lines: lines.map((line) => ({ ...line, price: `${line.price}` })),
    },
    ...{ itemsTotal: money(itemsTotal), shippingTotal: money(shippingTotal), total: money(total) },
  });
  const at = new Date("2026-11-21T10:00:00Z");
  await into.query(
    `INSERT INTO orders (id, user_id, placement, stage, version, placed_at, updated_at) VALUES ($1, 'u-1', $2, 'placed', 1, $3, $3)`,
    [id, placement, at],
  );
  await into.query(
    `INSERT INTO events (stream_id, version, type, data, metadata) VALUES ($1, 1, 'placed', $2::jsonb || jsonb_build_object('at', $3::text), '{}')`,
    [id, placement, at.toISOString()],
  );
}

const numbers = async (of = db) => {
  const rows = await rowsOf<{ id: string; number: string }>(of, "SELECT id, number FROM orders ORDER BY id");
  return new Map(rows.map(({ id, number }) => [id, number]));
};

beforeAll(async () => {
  const { url } = await postgres.createDatabase("orders", { owner: true });
  atVersionBefore = await copyMigrations(folders, { before: "20261130000700" });
  await migrate({ url, folders: [atVersionBefore], log });
  db = openDatabase({ url, service: "test" });
  for (let n = 0; n < 50; n += 1) await placeAsBefore(`old-${n}`, "José Müller-Lüdenscheidt");
  await migrate({ url, folders, log });
});
afterAll(async () => {
  await db.close();
  await rm(atVersionBefore, { recursive: true });
  await postgres.stop();
});

describe("orders that were placed before there were numbers", () => {
  it("each get one, by which they are found", async () => {
    const all = await numbers();
    expect(new Set(all.values()).size).toBe(50);
    for (const [id, number] of all) {
      expect(readOrderNumber(number)).toBe(number);
      expect(await createOrderStore(db).findByNumber(number)).toMatchObject({ orderId: id, number });
    }
  });

  it("keep their numbers when the table is rebuilt from the events", async () => {
    const before = await numbers();
    await rebuildProjection({ db, projection: ordersTable, store: orderEvents });
    expect(await numbers()).toEqual(before);
    expect(await verifyProjection(db, orderEvents, ordersTable)).toEqual([]);
  });
});

describe("an order that a pod of the version before places", () => {
  it("gets a number and is searchable, too", async () => {
    const { url } = await postgres.createDatabase("rolling", { owner: true });
    await migrate({ url, folders, log });
    const rolling = openDatabase({ url, service: "test" });
    await placeAsBefore("rolling-1", "Ada", rolling);
    const [number] = (await numbers(rolling)).values();
    const words = await rolling.query("SELECT order_id FROM order_search WHERE words @@ 'ada'::tsquery");
    await rolling.close();
    expect(readOrderNumber(number ?? "")).toBe(number);
    expect(words).toEqual([{ order_id: "rolling-1" }]);
  });
});
