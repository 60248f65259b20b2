import { randomUUID } from "node:crypto";
import { eventually, rowsOf } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOW } from "../src/outbound/stock-store.ts";
import { anOrder, reasonOf, type Shop, startShop } from "./shop.ts";

describe("the list of low stock", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop();
    await shop.orders.createLocation({ location: { id: "A", name: "A" } }, staff());
  });
  afterAll(() => shop.stop());

  const staff = () => shop.user("inventory.write");
  const low = (request: Parameters<typeof shop.orders.listLowStock>[0]) => shop.orders.listLowStock(request, staff());
  const listed = async (maxAvailable: number) =>
    (await low({ maxAvailable, pageSize: 100 })).skus.map(({ sku, available }) => [sku, available]);

  it("has the SKUs at or below the limit, the fewest first, in pages, as stock changes", async () => {
    const [none, few, many] = [await shop.sku({ A: 1 }), await shop.sku({ A: 2 }), await shop.sku({ A: 50 })];
    await shop.orders.reserveStock(anOrder({ sku: none, quantity: 1 }));
    await eventually(async () =>
      expect(await listed(2)).toEqual([
        [none, 0],
        [few, 2],
      ]),
    );
    await eventually(async () => expect((await low({})).skus.map(({ sku }) => sku)).toEqual([none, few]));
    const first = await low({ maxAvailable: 50, pageSize: 2 });
    const second = await low({ maxAvailable: 50, pageSize: 2, pageToken: first.nextPageToken ?? "" });
    expect([first.skus.length, second.skus.map(({ sku }) => sku)]).toEqual([2, [many]]);
    const restock = { sku: none, locationId: "A", quantity: 10, reason: "New", reference: randomUUID() };
    await shop.orders.restock(restock, staff());
    await eventually(async () => expect(await listed(2)).toEqual([[few, 2]]));
  });

  it("is for staff, within limits", async () => {
    expect(await reasonOf(shop.orders.listLowStock({}, shop.user("orders.read")))).toBe("SCOPE_MISSING");
    for (const maxAvailable of [-1, 1_000_001]) expect(await reasonOf(low({ maxAvailable }))).toBe("INVALID_REQUEST");
  });

  it("is served by an index", async () => {
    await shop.db.query(
      "INSERT INTO stock_ranking SELECT 'large-' || n, 100 + n % 900 FROM generate_series(1, 50000) n",
    );
    await shop.db.query("ANALYZE stock_ranking");
    for (const limit of [5, 500, 1_000_000]) {
      const plan = await rowsOf<{ "QUERY PLAN": string }>(shop.db, `EXPLAIN ${LOW.text}`, [limit, 4, "sku", 21]);
      expect(plan.map((line) => line["QUERY PLAN"]).join("\n")).not.toContain("Seq Scan");
    }
  });
});
