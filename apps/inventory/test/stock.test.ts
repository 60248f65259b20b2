import { randomUUID } from "node:crypto";
import { requestHash } from "@kontor/idempotency";
import { AvailabilityStatus, MovementKind, StockActorKind } from "@kontor/shop/contracts/inventory/v1/stock";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anOrder, reasonOf, type Shop, startShop } from "./shop.ts";

describe("stock", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop();
    for (const id of ["A", "B"]) await shop.orders.createLocation({ location: { id, name: id } }, staff());
  });
  afterAll(async () => {
    expect(await shop.unbalanced()).toEqual([]);
    await shop.stop();
  });

  const staff = () => shop.user("inventory.write");
  const delivery = (overrides: object = {}) => ({
    ...{ sku: `sku-${randomUUID()}`, locationId: "A", quantity: 10, reason: "First", reference: randomUUID() },
    ...overrides,
  });
  const correction = (sku: string, overrides: object = {}) => ({
    ...{ sku, locationId: "A", delta: -1, reason: "Broken", reference: randomUUID() },
    ...overrides,
  });

  it("keeps the first name of a location", async () => {
    const { location } = await shop.orders.createLocation({ location: { id: "A", name: "Other" } }, staff());
    expect(location).toMatchObject({ id: "A", name: "A" });
    const { locations } = await shop.orders.listLocations({}, staff());
    expect(locations.map(({ id }) => id)).toEqual(["A", "B"]);
  });

  it("has no text that PostgreSQL cannot store", async () => {
    const location = { id: "C", name: "a\0" };
    for (const refused of [
      shop.orders.createLocation({ location }, staff()),
      shop.orders.restock(delivery({ reason: "a\0" }), staff()),
      shop.orders.adjustStock(correction("P-101", { reason: "a\0" }), staff()),
    ])
      expect(await reasonOf(refused)).toBe("INVALID_REQUEST");
  });

  it("comes with a delivery, once per reference", async () => {
    const first = delivery();
    const { stock } = await shop.orders.restock(first, staff());
    expect(stock).toMatchObject({ available: 10, held: 0, levels: [{ locationId: "A", available: 10, held: 0 }] });
    expect((await shop.orders.restock(first, staff())).stock).toEqual(stock);
    const many = Array.from({ length: 10 }, () =>
      shop.orders.restock(delivery({ sku: first.sku, reference: "R-1" }), staff()),
    );
    await Promise.all(many);
    expect((await shop.orders.getStock({ sku: first.sku }, staff())).stock?.available).toBe(20);
  });

  it("refuses a reference of another booking, like every idempotency key", async () => {
    const first = delivery();
    await shop.orders.restock(first, staff());
    const others = [{ quantity: 9 }, { locationId: "B" }, { reason: "Second" }, { sku: `sku-${randomUUID()}` }];
    for (const other of others)
      expect(await reasonOf(shop.orders.restock({ ...first, ...other }, staff()))).toBe("IDEMPOTENCY_KEY_REUSED");
    const sameKey = correction(first.sku, { reference: first.reference });
    expect(await reasonOf(shop.orders.adjustStock(sameKey, staff()))).toBe("IDEMPOTENCY_KEY_REUSED");
  });

  it("refuses to book more units than 32-bit counts can carry, and stores nothing of it", async () => {
    const { sku } = delivery();
    await shop.orders.restock(delivery({ sku, quantity: 10 }), staff());
    const setUnits = async (units: number) => {
      await shop.db.query("UPDATE stock_levels SET available = $2 WHERE sku = $1", [sku, units]);
      await shop.db.query("UPDATE skus SET available = $2 WHERE sku = $1", [sku, units]);
    };
    await setUnits(999_999_999);
    const tooMany = delivery({ sku, quantity: 2 });
    expect(await reasonOf(shop.orders.restock(tooMany, staff()))).toBe("STOCK_TOO_HIGH");
    expect(await reasonOf(shop.orders.restock(tooMany, staff()))).toBe("STOCK_TOO_HIGH");
    const { stock } = await shop.orders.restock(delivery({ sku, quantity: 1 }), staff());
    expect(stock?.available).toBe(1_000_000_000);
    await setUnits(11); // The sum of its movements.
  });

  it("stores a refusal under its reference, and decides again for a new reference", async () => {
    const { sku } = delivery();
    await shop.orders.restock(delivery({ sku }), staff());
    const loss = correction(sku, { delta: -11 });
    const refused = () => shop.orders.adjustStock(loss, staff()).catch((error: unknown) => error);
    const first = await refused();
    expect(first).toMatchObject({ reason: "STOCK_TOO_LOW" });
    await shop.orders.restock(delivery({ sku }), staff());
    expect(await refused()).toEqual(first);
    const { stock } = await shop.orders.adjustStock({ ...loss, reference: randomUUID() }, staff());
    expect(stock?.available).toBe(9);
  });

  it("finds references that the version before booked without a claim", async () => {
    const first = delivery();
    await shop.db.query("SELECT book_stock('restock', $1, 'A', 10, 'First', $2)", [first.sku, first.reference]);
    expect(await reasonOf(shop.orders.restock({ ...first, quantity: 9 }, staff()))).toBe("IDEMPOTENCY_KEY_REUSED");
    expect((await shop.orders.restock(first, staff())).stock?.available).toBe(10);
  });

  it("returns the stored result of a reference that an earlier version accepted", async () => {
    const { sku } = delivery();
    await shop.orders.restock(delivery({ sku }), staff());
    const large = delivery({ sku, quantity: 2_000_000, reason: "" });
    const hash = requestHash({ kind: "restock", sku, locationId: "A", delta: 2_000_000, reason: "" });
    const claim = "INSERT INTO idempotency_claims (scope, key, request_hash, result) VALUES ('stock', $1, $2, $1)";
    await shop.db.query(claim, [large.reference, hash]);
    expect((await shop.orders.restock(large, staff())).stock?.available).toBe(10);
    expect(await reasonOf(shop.orders.restock({ ...large, quantity: 3_000_000 }, staff()))).toBe(
      "IDEMPOTENCY_KEY_REUSED",
    );
    for (const reference of [randomUUID(), "a\0"])
      expect(await reasonOf(shop.orders.restock({ ...large, reference }, staff()))).toBe("INVALID_REQUEST");
  });

  it("takes a reference of 255 characters", async () => {
    const reference = `${randomUUID()}${"x".repeat(219)}`;
    expect(await reasonOf(shop.orders.restock(delivery({ reference }), staff()))).toBe("none");
    expect(await reasonOf(shop.orders.restock(delivery({ reference: `${reference}x` }), staff()))).toBe(
      "INVALID_REQUEST",
    );
  });

  it("is corrected, once per reference, and never below 0", async () => {
    const { sku } = delivery();
    await shop.orders.restock(delivery({ sku }), staff());
    const loss = correction(sku, { delta: -4 });
    await shop.orders.adjustStock(loss, staff());
    const { stock } = await shop.orders.adjustStock(loss, staff());
    expect(stock?.available).toBe(6);
    expect(await reasonOf(shop.orders.adjustStock(correction(sku, { delta: -7 }), staff()))).toBe("STOCK_TOO_LOW");
    const elsewhere = correction(sku, { delta: -1, locationId: "B" });
    expect(await reasonOf(shop.orders.adjustStock(elsewhere, staff()))).toBe("STOCK_TOO_LOW");
    await shop.orders.reserveStock(anOrder({ sku, quantity: 6 }));
    expect(await reasonOf(shop.orders.adjustStock(correction(sku), staff()))).toBe("STOCK_TOO_LOW");
  });

  it("needs an existing location and a known SKU", async () => {
    expect(await reasonOf(shop.orders.restock(delivery({ locationId: "NOWHERE" }), staff()))).toBe(
      "LOCATION_NOT_FOUND",
    );
    expect(await reasonOf(shop.orders.adjustStock(correction("never-seen"), staff()))).toBe("SKU_NOT_FOUND");
    expect(await reasonOf(shop.orders.getStock({ sku: "never-seen" }, staff()))).toBe("SKU_NOT_FOUND");
  });

  it("is returned for many SKUs in the order of the request, 0 for unknown ones", async () => {
    const [some, more] = [await shop.sku({ A: 1, B: 2 }), await shop.sku({ B: 7 })];
    const { items } = await shop.orders.checkAvailability({ skus: [more, "never-seen", some] });
    expect(items.map(({ sku, quantity }) => [sku, quantity])).toEqual([
      [more, 7],
      ["never-seen", 0],
      [some, 3],
    ]);
  });

  it("has a history, newest first, page by page", async () => {
    const sku = await shop.sku({ A: 5 });
    const order = anOrder({ sku, quantity: 2 });
    await shop.orders.reserveStock(order);
    await shop.orders.commitReservation(order);
    await shop.orders.returnStock(order);
    await shop.orders.adjustStock(correction(sku), staff());
    const seen = [];
    let pageToken = "";
    do {
      const page = await shop.orders.listStockMovements({ sku, pageSize: 2, pageToken }, staff());
      seen.push(...page.movements.map(({ kind, availableDelta, heldDelta }) => [kind, availableDelta, heldDelta]));
      pageToken = page.nextPageToken ?? "";
    } while (pageToken !== "");
    const { nextPageToken = "" } = await shop.orders.listStockMovements({ sku, pageSize: 2 }, staff());
    const ofAnother = shop.orders.listStockMovements({ sku: `${sku}-x`, pageToken: nextPageToken }, staff());
    await expect(ofAnother).rejects.toMatchObject({ violations: [{ field: "pageToken" }] });
    expect(seen).toEqual([
      [MovementKind.ADJUSTMENT, -1, 0],
      [MovementKind.RETURN, 2, 0],
      [MovementKind.SALE, 0, -2],
      [MovementKind.RESERVATION, -2, 2],
      [MovementKind.RESTOCK, 5, 0],
    ]);
  });

  it("records the actor of each movement", async () => {
    const sku = await shop.sku({ A: 5 });
    const order = anOrder({ sku, quantity: 2 });
    await shop.orders.reserveStock(order);
    await shop.orders.adjustStock(correction(sku), staff());
    const { movements } = await shop.orders.listStockMovements({ sku }, staff());
    expect(movements.map(({ actor }) => actor)).toMatchObject([
      { kind: StockActorKind.STAFF, id: "U-1" },
      { kind: StockActorKind.SYSTEM, id: "orders" },
      { kind: StockActorKind.STAFF, id: "U-1" },
    ]);
  });

  it("has a history that cannot be changed", async () => {
    await shop.sku({ A: 5 });
    await expect(shop.db.query("UPDATE stock_movements SET available_delta = 0")).rejects.toThrow("append-only");
    await expect(shop.db.query("DELETE FROM stock_movements")).rejects.toThrow("append-only");
    await expect(shop.db.query("TRUNCATE stock_movements")).rejects.toThrow("append-only");
  });

  it("names all that is wrong with a request", async () => {
    const fields = async (call: Promise<unknown>) =>
      call.then(
        () => [],
        (error) => error.violations.map(({ field }: { field: string }) => field),
      );
    const wrong = { sku: "", locationId: "a", reason: "x".repeat(201), reference: "R" };
    const everywhere = ["sku", "locationId"];
    expect(await fields(shop.orders.restock({ ...wrong, quantity: 1_000_001 }, staff()))).toEqual([
      ...everywhere,
      "quantity",
      "reason",
    ]);
    expect(await fields(shop.orders.adjustStock({ ...wrong, delta: 0, reason: "" }, staff()))).toEqual([
      ...everywhere,
      "delta",
      "reason",
    ]);
    expect(await fields(shop.orders.createLocation({ location: {} }, staff()))).toEqual([
      "location.id",
      "location.name",
    ]);
    for (const name of ["\u200b", "\u3164", "\u202enilreB", "two\nlines"])
      expect(await fields(shop.orders.createLocation({ location: { id: "B", name } }, staff()))).toEqual([
        "location.name",
      ]);
    const overridden = { ...delivery(), reason: "a\u202eb" };
    expect(await fields(shop.orders.restock(overridden, staff()))).toEqual(["reason"]);
    expect(await fields(shop.orders.checkAvailability({ skus: [] }))).toEqual(["skus"]);
    for (const [field, page] of Object.entries({ pageSize: { pageSize: 101 }, pageToken: { pageToken: "?" } }))
      expect(await fields(shop.orders.listStockMovements({ sku: "a", ...page }, staff()))).toEqual([field]);
    expect(await fields(shop.orders.restock({ ...delivery(), reference: "" }, staff()))).toEqual(["reference"]);
  });

  it("is public only as availability: a number up to a setting, and none above it", async () => {
    const [none, few, many] = [await shop.sku({ A: 0 }), await shop.sku({ A: 2, B: 3 }), await shop.sku({ A: 6 })];
    const { availability } = await shop.orders.batchGetAvailability({ skus: [many, none, few, "never-seen"] });
    expect(availability.map(({ sku, status, remaining }) => [sku, status, remaining])).toEqual([
      [many, AvailabilityStatus.IN_STOCK, undefined],
      [none, AvailabilityStatus.OUT_OF_STOCK, undefined],
      [few, AvailabilityStatus.LOW_STOCK, 5],
      ["never-seen", AvailabilityStatus.OUT_OF_STOCK, undefined],
    ]);
    const one = await shop.orders.getAvailability({ sku: few });
    expect(one.availability).toMatchObject({ sku: few, status: AvailabilityStatus.LOW_STOCK, remaining: 5 });
    expect(await reasonOf(shop.orders.batchGetAvailability({ skus: [] }))).toBe("INVALID_REQUEST");
  });

  it("and where it is are read by staff only", async () => {
    const sku = await shop.sku({ A: 1 });
    for (const [metadata, reason] of [
      [{}, "TOKEN_MISSING"],
      [shop.user("orders.write"), "SCOPE_MISSING"],
      [staff(), "none"],
    ] as const) {
      expect(await reasonOf(shop.orders.getStock({ sku }, metadata))).toBe(reason);
      expect(await reasonOf(shop.orders.listLocations({}, metadata))).toBe(reason);
      expect(await reasonOf(shop.orders.listStockMovements({ sku }, metadata))).toBe(reason);
    }
  });

  it("is changed by staff only", async () => {
    expect(await reasonOf(shop.orders.restock(delivery(), shop.user("orders.write")))).toBe("SCOPE_MISSING");
    expect(await reasonOf(shop.orders.restock(delivery()))).toBe("TOKEN_MISSING");
  });
});
