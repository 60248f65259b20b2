import { prune } from "@kontor/postgres";
import { createLogger } from "@kontor/telemetry";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trackingRetention } from "../src/outbound/retention.ts";
import { aParcel, startShop } from "./shop.ts";

let shop: Awaited<ReturnType<typeof startShop>>;
beforeAll(async () => {
  shop = await startShop({ carrierCheckAfter: 100, sweepIntervalMs: 50 });
});
afterAll(() => shop.stop());

async function dispatched() {
  const parcel = aParcel();
  await shop.shipping.dispatchShipment(parcel);
  const [booked] = await shop.carrier.shipments(parcel.orderId);
  return { orderId: parcel.orderId, shipmentId: booked?.id ?? "" };
}

const trackingOf = async (orderId: string) =>
  (await shop.shipping.getShipmentByOrder({ orderId }, shop.bearer("u-1", "orders.read"))).shipment?.tracking ?? [];
const forget = (orderId: string) =>
  shop.db.query("UPDATE shipments SET carrier_id = 'shp_forgotten' WHERE order_id = $1", [orderId]);

describe("a shipment whose messages were lost", () => {
  it("is queried at the carrier, and every status it skipped is published", async () => {
    const { orderId, shipmentId } = await dispatched();
    for (const _ of [1, 2, 3]) await shop.carrier.advance(shipmentId);
    await eventually(async () =>
      expect(await shop.events(orderId)).toEqual(["Booked", "PickedUp", "InTransit", "Delivered"]),
    );
    const [row] = await shop.db.query("SELECT check_at FROM shipments WHERE order_id = $1", [orderId]);
    expect(row).toEqual({ check_at: null });
  });

  it("is tracked once when the message comes after all", async () => {
    const { orderId, shipmentId } = await dispatched();
    await shop.carrier.advance(shipmentId);
    await eventually(async () => expect(await trackingOf(orderId)).toHaveLength(1));
    const [state] = await shop.carrier.shipments(orderId);
    await shop.tell(orderId, "picked_up", { shipmentId, at: state?.at ?? "" });
    expect(await trackingOf(orderId)).toHaveLength(1);
    expect(await shop.events(orderId)).toEqual(["Booked", "PickedUp"]);
  });

  it("is stored also if the response to its booking was lost", async () => {
    await shop.carrier.control({ dropAnswersEvery: 1 });
    const parcel = aParcel();
    await expect(shop.shipping.dispatchShipment(parcel, { idempotent: false })).rejects.toThrow();
    await shop.carrier.control({ dropAnswersEvery: 0 });
    await eventually(async () => expect(await shop.events(parcel.orderId)).toEqual(["Booked"]));
  });
});

describe("a shipment that the carrier has forgotten", () => {
  it("is counted until it is cancelled, and can be cancelled", async () => {
    const { orderId } = await dispatched();
    await forget(orderId);
    const forgotten = async () => (await shop.metric("kontor_shipping_forgotten_shipments"))[""];
    await eventually(async () => expect(await forgotten()).toBe(1));
    await shop.shipping.cancelShipment({ orderId });
    expect(await forgotten()).toBe(0);
    expect(await shop.events(orderId)).toEqual(["Booked", "Cancelled"]);
  });
});

describe("the state that the carrier reported", () => {
  it("goes when its retention is over", async () => {
    const { orderId, shipmentId } = await dispatched();
    await shop.tell(orderId, "picked_up", { shipmentId });
    await shop.db.query("UPDATE tracking_events SET received_at = now() - interval '2 days' WHERE order_id = $1", [
      orderId,
    ]);
    const log = createLogger({ service: "test", level: "silent" });
    const { removed } = await prune({ db: shop.db, rules: trackingRetention(86_400_000), log });
    expect(removed).toEqual({ tracking_events: 1 });
  });
});

describe("a carrier that does not respond", () => {
  it("shows for how long, and the unchanged status of open shipments", async () => {
    const { orderId } = await dispatched();
    expect((await shop.metric("kontor_shipping_carrier_unanswered_seconds"))[""]).toBe(0);
    await shop.carrier.stop();
    await eventually(async () =>
      expect((await shop.metric("kontor_shipping_carrier_unanswered_seconds"))[""]).toBeGreaterThan(0),
    );
    expect((await shop.metric("kontor_shipping_oldest_open_seconds"))['status="booked"']).toBeGreaterThan(0);
    expect(await shop.events(orderId)).toEqual(["Booked"]);
  });
});
