import { randomUUID } from "node:crypto";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { ShipmentStatus } from "@kontor/shop/contracts/shipping/v1/shipment";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aParcel, startShop } from "./shop.ts";

let shop: Awaited<ReturnType<typeof startShop>>;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

const trackingOf = async (orderId: string) =>
  (await shop.shipping.getShipmentByOrder({ orderId }, shop.bearer("u-1", "orders.read"))).shipment?.tracking ?? [];
const reason = (name: string) => expect.objectContaining({ reason: name });

async function dispatched() {
  const parcel = aParcel();
  const { shipment } = await shop.shipping.dispatchShipment(parcel);
  const [booked] = await shop.carrier.shipments(parcel.orderId);
  return { orderId: parcel.orderId, shipment, shipmentId: booked?.id ?? "" };
}

describe("dispatching", () => {
  it("books the parcel with the carrier, once for all calls", async () => {
    const parcel = aParcel();
    const answers = await Promise.all([1, 2, 3, 4].map(() => shop.shipping.dispatchShipment(parcel)));
    const again = await shop.shipping.dispatchShipment(parcel);
    const numbers = [...answers, again].map(({ shipment }) => shipment?.trackingNumber);
    expect(new Set(numbers).size).toBe(1);
    expect(again.shipment?.status).toBe(ShipmentStatus.BOOKED);
    expect(await shop.carrier.shipments(parcel.orderId)).toHaveLength(1);
    expect(await shop.events(parcel.orderId)).toEqual(["Booked"]);
  });

  it("repeats the request when the carrier's response was lost, and books nothing twice", async () => {
    await shop.carrier.control({ dropAnswersEvery: 1 });
    const parcel = aParcel();
    await expect(shop.shipping.dispatchShipment(parcel, { idempotent: false })).rejects.toThrow();
    await shop.carrier.control({ dropAnswersEvery: 0 });
    const { shipment } = await shop.shipping.dispatchShipment(parcel);
    expect(shipment?.status).toBe(ShipmentStatus.BOOKED);
    expect(await shop.carrier.shipments(parcel.orderId)).toHaveLength(1);
  });

  it("reports a refusal of the address by the carrier", async () => {
    await expect(shop.shipping.dispatchShipment(aParcel({ country: "XX" }))).rejects.toThrow(
      reason("SHIPMENT_REFUSED"),
    );
  });
});

describe("calling back", () => {
  it("cancels a booked parcel with the carrier, and again changes nothing", async () => {
    const { orderId } = await dispatched();
    for (const _ of [1, 2]) {
      const { shipment } = await shop.shipping.cancelShipment({ orderId });
      expect(shipment?.status).toBe(ShipmentStatus.CANCELLED);
    }
    expect(await shop.carrier.shipments(orderId)).toEqual([expect.objectContaining({ status: "cancelled" })]);
    expect(await shop.events(orderId)).toEqual(["Booked", "Cancelled"]);
  });

  it("that comes first refuses a late dispatch", async () => {
    const parcel = aParcel();
    const { shipment } = await shop.shipping.cancelShipment({ orderId: parcel.orderId });
    const { userId, method, address, trackingNumber } = shipment ?? {};
    expect([userId, method, address, trackingNumber]).toEqual(Array(4).fill(undefined));
    await expect(shop.shipping.dispatchShipment(parcel)).rejects.toThrow(reason("SHIPMENT_CLOSED"));
    expect(await shop.carrier.shipments(parcel.orderId)).toEqual([]);
  });

  it("finds a booking whose response was lost", async () => {
    await shop.carrier.control({ dropAnswersEvery: 1 });
    const parcel = aParcel();
    await expect(shop.shipping.dispatchShipment(parcel, { idempotent: false })).rejects.toThrow();
    await shop.carrier.control({ dropAnswersEvery: 0 });
    await shop.shipping.cancelShipment({ orderId: parcel.orderId });
    expect(await shop.carrier.shipments(parcel.orderId)).toEqual([expect.objectContaining({ status: "cancelled" })]);
  });

  it("leaves no parcel with the carrier when it races with the dispatch", async () => {
    for (let round = 0; round < 10; round++) {
      const parcel = aParcel();
      const dispatch = shop.shipping.dispatchShipment(parcel).catch((error: unknown) => error);
      const cancelling = await shop.shipping.cancelShipment({ orderId: parcel.orderId });
      await dispatch;
      expect(cancelling.shipment?.status).toBe(ShipmentStatus.CANCELLED);
      const left = (await shop.carrier.shipments(parcel.orderId)).filter(({ status }) => status !== "cancelled");
      expect(left).toEqual([]);
    }
  });

  it("is refused once the carrier has the parcel, even before its message", async () => {
    const { orderId, shipmentId } = await dispatched();
    await shop.carrier.advance(shipmentId);
    await expect(shop.shipping.cancelShipment({ orderId })).rejects.toThrow(reason("SHIPMENT_PICKED_UP"));
  });
});

describe("messages of the carrier", () => {
  it("is followed when one webhook has several events, in their order, and a poisonous one stops no other", async () => {
    const parcels = await Promise.all([1, 2, 3].map(dispatched));
    const events = parcels.flatMap(({ orderId, shipmentId }) =>
      ["picked_up", "in_transit", "delivered"].map((status) => shop.event(orderId, status, { shipmentId })),
    );
    const poison = shop.event(parcels[0]?.orderId ?? "", "picked_up", { shipmentId: "x", at: "5" });
    for (const _ of [1, 2])
      await expect(shop.send([poison, ...events])).rejects.toMatchObject({
        violations: [expect.objectContaining({ field: "payload[0].data.at" })],
      });
    for (const { orderId } of parcels)
      expect(await shop.events(orderId)).toEqual(["Booked", "PickedUp", "InTransit", "Delivered"]);
    await shop.send(events);
  });

  it("moves the shipment on, each message once, never back", async () => {
    const { orderId, shipmentId } = await dispatched();
    const id = randomUUID();
    await shop.tell(orderId, "picked_up", { id, shipmentId });
    await shop.tell(orderId, "picked_up", { id, shipmentId });
    await shop.tell(orderId, "delivered", { shipmentId });
    await shop.tell(orderId, "in_transit", { shipmentId });
    expect(await shop.events(orderId)).toEqual(["Booked", "PickedUp", "InTransit", "Delivered"]);
    const { shipment } = await shop.shipping.getShipmentByOrder({ orderId }, shop.bearer("u-1", "orders.read"));
    expect(shipment?.status).toBe(ShipmentStatus.DELIVERED);
    expect(shipment?.tracking).toHaveLength(3);
  });

  it.each(["+012345-01-01T00:00:00Z", "5", "2026-11-30T10:00:00", "2026-02-30T10:00:00Z", "1764500000000"])(
    "is refused on the field if the time is %j, and the shipment remains readable",
    async (at) => {
      const { orderId, shipmentId } = await dispatched();
      await expect(shop.tell(orderId, "picked_up", { shipmentId, at })).rejects.toMatchObject({
        reason: "INVALID_REQUEST",
        violations: [{ field: "payload.data.at" }],
      });
      expect((await trackingOf(orderId)).length).toBe(0);
    },
  );

  it.each(["0001-01-01T00:00:00Z", "1890-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2026-11-30T10:00:00+02:00"])(
    "stores the time %s unchanged",
    async (at) => {
      const { orderId, shipmentId } = await dispatched();
      await shop.tell(orderId, "picked_up", { shipmentId, at });
      const [tracked] = await trackingOf(orderId);
      expect(tracked?.at && timestampDate(tracked.at)).toEqual(new Date(at));
    },
  );

  it("is refused when it is not signed by the carrier", async () => {
    const { orderId, shipmentId } = await dispatched();
    const forged = shop.tell(orderId, "delivered", { shipmentId, secret: "whsec_b3RoZXI=" });
    await expect(forged).rejects.toThrow(reason("SIGNATURE_WRONG"));
    expect(await shop.events(orderId)).toEqual(["Booked"]);
  });

  it("about a shipment we do not know is accepted and changes nothing", async () => {
    await shop.tell(randomUUID(), "delivered", { shipmentId: "shp_unknown" });
    const { orderId } = await dispatched();
    await shop.tell(orderId, "delivered", { shipmentId: "shp_of_someone_else" });
    expect(await shop.events(orderId)).toEqual(["Booked"]);
  });
});

describe("reading a shipment", () => {
  it("is for its owner and for staff; for others it does not exist", async () => {
    const { orderId } = await dispatched();
    const read = (subject: string, ...scopes: string[]) =>
      shop.shipping.getShipmentByOrder({ orderId }, shop.bearer(subject, "orders.read", ...scopes));
    expect((await read("u-1")).shipment?.orderId).toBe(orderId);
    expect((await read("staff", "orders.read.any")).shipment?.orderId).toBe(orderId);
    await expect(read("u-2")).rejects.toThrow(reason("SHIPMENT_NOT_FOUND"));
    const impossible = shop.shipping.getShipmentByOrder({ orderId: "\0" }, shop.bearer("u-1", "orders.read"));
    await expect(impossible).rejects.toThrow(reason("SHIPMENT_NOT_FOUND"));
  });
});

describe("rates", () => {
  it("are public and name the fault", async () => {
    const { rates } = await shop.shipping.listRates({ country: "DE" });
    expect(rates.map(({ method }) => method)).toEqual(["standard", "express"]);
    await expect(shop.shipping.listRates({ country: "BR" })).rejects.toThrow(reason("COUNTRY_NOT_SERVED"));
  });

  it.each(["", "UK", "EU", "ZZ", "de"])("name the field if the country is %j", async (country) => {
    const refused = { reason: "INVALID_REQUEST", violations: [{ field: "country" }] };
    await expect(shop.shipping.listRates({ country })).rejects.toMatchObject(refused);
    await expect(shop.shipping.quoteShipping({ method: "standard", country, currency: "EUR" })).rejects.toMatchObject(
      refused,
    );
  });
});
