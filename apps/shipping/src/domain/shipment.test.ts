import { describe, expect, it } from "vitest";
import { advance, book, cancel, type Shipment } from "./shipment.ts";

const booking = { carrierId: "shp_1", trackingNumber: "TRK1" };

function aShipment(overrides: Partial<Shipment> = {}): Shipment {
  return {
    ...{ id: "s-1", orderId: "o-1", userId: "u-1", status: "pending", method: "standard", address: undefined },
    ...{ items: [], weightGrams: 300, carrierId: "", trackingNumber: "", createdAt: new Date(0) },
    ...overrides,
  };
}

describe("booking a shipment", () => {
  it("stores the carrier's id, once", () => {
    const { shipment, passed } = book(aShipment(), booking);
    expect(shipment).toMatchObject({ status: "booked", ...booking });
    expect(passed).toEqual(["booked"]);
    expect(book(shipment, booking)).toEqual({ shipment, passed: [] });
  });

  it("does not reopen a recalled one, but stores the carrier's id to recall", () => {
    const { shipment, passed } = book(aShipment({ status: "cancelled" }), booking);
    expect(shipment).toMatchObject({ status: "cancelled", carrierId: "shp_1" });
    expect(passed).toEqual([]);
  });
});

describe("messages of the carrier", () => {
  it("passes the statuses that were skipped", () => {
    expect(advance(aShipment({ status: "booked" }), "in_transit").passed).toEqual(["picked_up", "in_transit"]);
  });

  it("never moves a shipment back", () => {
    const delivered = aShipment({ status: "delivered" });
    expect(advance(delivered, "picked_up")).toEqual({ shipment: delivered, passed: [] });
  });

  it("does not move one that was called back", () => {
    const cancelled = aShipment({ status: "cancelled" });
    expect(advance(cancelled, "delivered")).toEqual({ shipment: cancelled, passed: [] });
  });
});

describe("calling a shipment back", () => {
  it("is possible until the carrier has it, and once", () => {
    const { shipment, passed } = cancel(aShipment({ status: "booked" }));
    expect([shipment.status, passed]).toEqual(["cancelled", ["cancelled"]]);
    expect(cancel(shipment)).toEqual({ shipment, passed: [] });
  });

  it.each(["picked_up", "in_transit", "delivered"] as const)("is refused once it is %s", (status) => {
    expect(() => cancel(aShipment({ status }))).toThrow(expect.objectContaining({ reason: "SHIPMENT_PICKED_UP" }));
  });
});
