import { fromBinary } from "@bufbuild/protobuf";
import { StockChangedSchema } from "@kontor/shop/contracts/inventory/v1/events";
import { MovementKind, ReservationStatus, StockActorKind } from "@kontor/shop/contracts/inventory/v1/stock";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { returnItems } from "../src/outbound/returned-items.ts";
import { anOrder, reasonOf, type Shop, startShop } from "./shop.ts";

describe("reservations", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop();
  });
  afterAll(async () => {
    expect(await shop.unbalanced()).toEqual([]);
    await shop.stop();
  });

  const stockOf = async (sku: string) => {
    const { stock } = await shop.orders.getStock({ sku }, shop.user("inventory.write"));
    return [stock?.available, stock?.held];
  };
  const levelsOf = async (sku: string) => {
    const { stock } = await shop.orders.getStock({ sku }, shop.user("inventory.write"));
    return stock?.levels.map(({ locationId, available, held }) => [locationId, available, held]);
  };
  const statusAfter = async (call: Promise<{ reservation?: { status: ReservationStatus } | undefined }>) =>
    (await call).reservation?.status;

  describe("reserving", () => {
    it("holds units, and the same ones if it is repeated", async () => {
      const sku = await shop.sku({ A: 5 });
      const order = anOrder({ sku, quantity: 2 });
      const first = await shop.orders.reserveStock(order);
      expect(first.reservation).toMatchObject({ status: ReservationStatus.HELD, items: [{ sku, quantity: 2 }] });
      expect(await shop.orders.reserveStock(order)).toEqual(first);
      expect(await shop.orders.getReservation(order)).toEqual({ ...first, $typeName: expect.any(String) });
      expect(await stockOf(sku)).toEqual([3, 2]);
    });

    it("returns the reservation of an order that an earlier version accepted, and refuses the same as a new one", async () => {
      const sku = await shop.sku({ A: 2_000 });
      const order = anOrder({ sku, quantity: 1_500 });
      expect(await reasonOf(shop.orders.reserveStock(order))).toBe("INVALID_REQUEST");
      const changes = JSON.stringify([{ order: order.orderId, act: "reserve", skus: [sku], quantities: [1_500] }]);
      await shop.db.query("SELECT apply_reservation_changes($1, interval '1 hour', true, 1000)", [changes]);
      expect(await statusAfter(shop.orders.reserveStock(order))).toBe(ReservationStatus.HELD);
      expect(await stockOf(sku)).toEqual([500, 1_500]);
    });

    it("takes from several locations when one has too little, the fullest first, and gives back where it took", async () => {
      const sku = await shop.sku({ A: 2, B: 5, C: 1 });
      const order = anOrder({ sku, quantity: 6 });
      await shop.orders.reserveStock(order);
      expect(await levelsOf(sku)).toEqual([
        ["A", 1, 1],
        ["B", 0, 5],
        ["C", 1, 0],
      ]);
      await shop.orders.commitReservation(order);
      await shop.orders.returnStock(order);
      expect(await levelsOf(sku)).toEqual([
        ["A", 2, 0],
        ["B", 5, 0],
        ["C", 1, 0],
      ]);
    });

    it("takes nothing when one of the items is out of stock, and reports the remaining units", async () => {
      const [plenty, scarce] = [await shop.sku({ A: 5 }), await shop.sku({ A: 2 })];
      const order = anOrder({ sku: plenty, quantity: 1 }, { sku: scarce, quantity: 3 });
      await expect(shop.orders.reserveStock(order)).rejects.toMatchObject({
        code: "FAILED_PRECONDITION",
        reason: "OUT_OF_STOCK",
        metadata: { sku: scarce, wanted: "3", available: "2" },
      });
      expect([await stockOf(plenty), await stockOf(scarce)]).toEqual([
        [5, 0],
        [2, 0],
      ]);
      expect(await reasonOf(shop.orders.getReservation(order))).toBe("RESERVATION_NOT_FOUND");
    });

    it("can be requested again after it was out of stock", async () => {
      const sku = await shop.sku({ A: 1 });
      const order = anOrder({ sku, quantity: 2 });
      expect(await reasonOf(shop.orders.reserveStock(order))).toBe("OUT_OF_STOCK");
      const delivery = { sku, locationId: "A", quantity: 1, reference: order.orderId };
      await shop.orders.restock(delivery, shop.user("inventory.write"));
      expect(await statusAfter(shop.orders.reserveStock(order))).toBe(ReservationStatus.HELD);
    });

    it("finds an unknown SKU out of stock", async () => {
      const { reason, metadata } = await shop.orders
        .reserveStock(anOrder({ sku: "never-seen", quantity: 1 }))
        .catch((error) => error);
      expect([reason, metadata.available]).toEqual(["OUT_OF_STOCK", "0"]);
    });

    it("refuses other items for an order that has reserved", async () => {
      const sku = await shop.sku({ A: 5 });
      const order = anOrder({ sku, quantity: 1 });
      await shop.orders.reserveStock(order);
      const other = { ...order, items: [{ sku, quantity: 2 }] };
      expect(await reasonOf(shop.orders.reserveStock(other))).toBe("RESERVATION_DIFFERS");
    });

    it("returns the reservation also once it is sold", async () => {
      const sku = await shop.sku({ A: 5 });
      const order = anOrder({ sku, quantity: 1 });
      await shop.orders.reserveStock(order);
      await shop.orders.commitReservation(order);
      expect(await statusAfter(shop.orders.reserveStock(order))).toBe(ReservationStatus.COMMITTED);
      expect(await stockOf(sku)).toEqual([4, 0]);
    });
  });

  describe("what follows", () => {
    const heldOrder = async () => {
      const sku = await shop.sku({ A: 3 });
      const order = anOrder({ sku, quantity: 2 });
      await shop.orders.reserveStock(order);
      return { sku, order };
    };

    it("sells once, however often it is committed", async () => {
      const { sku, order } = await heldOrder();
      const first = await shop.orders.commitReservation(order);
      expect(first.reservation?.status).toBe(ReservationStatus.COMMITTED);
      expect(await shop.orders.commitReservation(order)).toEqual(first);
      expect(await stockOf(sku)).toEqual([1, 0]);
    });

    it("gives back once, however often it is released", async () => {
      const { sku, order } = await heldOrder();
      const first = await shop.orders.releaseReservation(order);
      expect(first.reservation?.status).toBe(ReservationStatus.RELEASED);
      expect(await shop.orders.releaseReservation(order)).toEqual(first);
      expect(await stockOf(sku)).toEqual([3, 0]);
      expect(await reasonOf(shop.orders.commitReservation(order))).toBe("RESERVATION_CLOSED");
      expect(await reasonOf(shop.orders.reserveStock(order))).toBe("RESERVATION_CLOSED");
    });

    it("does not release sold units, but returns them, once", async () => {
      const { sku, order } = await heldOrder();
      await shop.orders.commitReservation(order);
      expect(await reasonOf(shop.orders.releaseReservation(order))).toBe("RESERVATION_COMMITTED");
      const first = await shop.orders.returnStock(order);
      expect(first.reservation?.status).toBe(ReservationStatus.RETURNED);
      expect(await shop.orders.returnStock(order)).toEqual(first);
      expect(await stockOf(sku)).toEqual([3, 0]);
      expect(await reasonOf(shop.orders.commitReservation(order))).toBe("RESERVATION_CLOSED");
      expect(await statusAfter(shop.orders.releaseReservation(order))).toBe(ReservationStatus.RETURNED);
    });

    it("puts back the units that a refund names, once per refund, and a cancellation the rest", async () => {
      const sku = await shop.sku({ A: 2, B: 3 });
      const order = anOrder({ sku, quantity: 4 });
      await shop.orders.reserveStock(order);
      await shop.orders.commitReservation(order);
      expect(await stockOf(sku)).toEqual([1, 0]);
      const refund = (reference: string, quantity: number) => {
        const items = [{ sku, quantity }];
        return shop.db.transaction((tx) =>
          returnItems(tx, { orderId: order.orderId, reference, items, actor: "staff:s-1" }),
        );
      };
      expect(await refund(`${order.orderId}-1`, 1)).toBe(1);
      expect(await refund(`${order.orderId}-1`, 1)).toBe(0);
      expect(await stockOf(sku)).toEqual([2, 0]);
      const { movements } = await shop.orders.listStockMovements({ sku }, shop.user("inventory.write"));
      expect(movements[0]).toMatchObject({
        kind: MovementKind.RETURN,
        actor: { kind: StockActorKind.STAFF, id: "s-1" },
      });
      await shop.orders.returnStock(order);
      expect(await stockOf(sku)).toEqual([5, 0]);
      expect(await refund(`${order.orderId}-2`, 1)).toBe(0);
      expect(await stockOf(sku)).toEqual([5, 0]);
    });

    it("never puts back more than was sold", async () => {
      const sku = await shop.sku({ A: 5 });
      const order = anOrder({ sku, quantity: 2 });
      await shop.orders.reserveStock(order);
      await shop.orders.commitReservation(order);
      const refunds = await Promise.all(
        [1, 2, 3].map((n) => {
          const refund = { orderId: order.orderId, reference: `${order.orderId}-${n}`, items: [{ sku, quantity: 1 }] };
          return shop.db.transaction((tx) => returnItems(tx, { ...refund, actor: "staff:s-1" }));
        }),
      );
      expect(refunds.toSorted()).toEqual([0, 1, 1]);
      expect(await stockOf(sku)).toEqual([5, 0]);
    });

    it("returns held units like a release", async () => {
      const { sku, order } = await heldOrder();
      expect(await statusAfter(shop.orders.returnStock(order))).toBe(ReservationStatus.RELEASED);
      expect(await stockOf(sku)).toEqual([3, 0]);
    });

    it.each(["releaseReservation", "returnStock"] as const)(
      "leaves a mark after %s without a reservation, so that a late one is refused",
      async (undo) => {
        const sku = await shop.sku({ A: 1 });
        const order = anOrder({ sku, quantity: 1 });
        expect(await statusAfter(shop.orders[undo](order))).toBe(ReservationStatus.RELEASED);
        expect(await statusAfter(shop.orders[undo](order))).toBe(ReservationStatus.RELEASED);
        expect(await reasonOf(shop.orders.reserveStock(order))).toBe("RESERVATION_CLOSED");
        expect(await stockOf(sku)).toEqual([1, 0]);
      },
    );

    it("has nothing to commit without a reservation", async () => {
      expect(await reasonOf(shop.orders.commitReservation(anOrder()))).toBe("RESERVATION_NOT_FOUND");
    });

    it("publishes the reservable units, with a growing version", async () => {
      const { sku, order } = await heldOrder();
      await shop.orders.commitReservation(order);
      const changes = await eventually(async () => {
        const events = await shop.events(sku);
        const changes = events.map(({ payload }) => fromBinary(StockChangedSchema, payload));
        expect(changes.at(-1)).toMatchObject({ sku, available: 1, held: 0, version: 3 });
        return changes;
      });
      const versions = changes.map(({ version }) => version);
      expect(versions).toEqual([...new Set(versions)].sort());
      await eventually(async () => {
        const unsent = await shop.db.query("SELECT FROM outbox WHERE key = $1 AND published_at IS NULL", [sku]);
        expect(unsent).toEqual([]);
      });
    });
  });

  it("names all that is wrong with a request", async () => {
    const items = [
      { sku: "a b", quantity: 1 },
      { sku: "a", quantity: 1000 },
      { sku: "a", quantity: 0 },
    ];
    const { reason, violations } = await shop.orders.reserveStock({ orderId: "", items }).catch((error) => error);
    expect(reason).toBe("INVALID_REQUEST");
    expect(violations.map(({ field }: { field: string }) => field)).toEqual([
      "orderId",
      "items[0].sku",
      "items[1].quantity",
      "items[2].sku",
      "items[2].quantity",
    ]);
    expect(await reasonOf(shop.orders.reserveStock(anOrder()))).toBe("INVALID_REQUEST");
  });

  it("serves only orders", async () => {
    const metadata = { "kontor-service-token": shop.serviceToken("shipping") };
    expect(await reasonOf(shop.orders.reserveStock(anOrder(), { metadata }))).toBe("CALLER_NOT_ALLOWED");
  });
});

describe("reservations that are not committed", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop({ reservationTtlMs: 500 });
  });
  afterAll(() => shop.stop());

  it("expire, release their units and publish it", async () => {
    const sku = await shop.sku({ A: 2 });
    const order = anOrder({ sku, quantity: 2 });
    await shop.orders.reserveStock(order);
    await eventually(async () => {
      const { stock } = await shop.orders.getStock({ sku }, shop.user("inventory.write"));
      expect([stock?.available, stock?.held]).toEqual([2, 0]);
      const { reservation } = await shop.orders.getReservation(order);
      expect(reservation?.status).toBe(ReservationStatus.EXPIRED);
      const types = (await shop.events(order.orderId)).map(({ type }) => type);
      expect(types).toEqual(["shop.inventory.v1.ReservationExpired"]);
    });
    expect(await reasonOf(shop.orders.commitReservation(order))).toBe("RESERVATION_CLOSED");
    expect(await reasonOf(shop.orders.reserveStock(order))).toBe("RESERVATION_CLOSED");
    expect(await reasonOf(shop.orders.releaseReservation(order))).toBe("none");
    expect(await shop.unbalanced()).toEqual([]);
  });
});

describe("reservations that have expired before the sweeper comes by", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop({ reservationTtlMs: 500, sweepIntervalMs: 3_600_000 });
  });
  afterAll(() => shop.stop());

  it("cannot be committed any more; the attempt gives their units back", async () => {
    const sku = await shop.sku({ A: 2 });
    const order = anOrder({ sku, quantity: 2 });
    await shop.orders.reserveStock(order);
    await eventually(async () => {
      const { reservation } = await shop.orders.getReservation(order);
      expect(reservation?.status).toBe(ReservationStatus.EXPIRED);
    });
    expect((await shop.orders.getStock({ sku }, shop.user("inventory.write"))).stock?.held).toBe(2);
    expect(await reasonOf(shop.orders.reserveStock(order))).toBe("RESERVATION_CLOSED");
    expect(await reasonOf(shop.orders.commitReservation(order))).toBe("RESERVATION_CLOSED");
    expect((await shop.orders.getStock({ sku }, shop.user("inventory.write"))).stock).toMatchObject({
      available: 2,
      held: 0,
    });
    await eventually(async () => expect(await shop.events(order.orderId)).toHaveLength(1));
  });
});
