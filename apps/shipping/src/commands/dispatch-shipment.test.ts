import { describe, expect, it } from "vitest";
import { shippingErrors } from "../domain/errors.ts";
import type { Change, Parcel, Shipment } from "../domain/shipment.ts";
import type { Carrier, Shipments } from "../ports.ts";
import { dispatchShipment } from "./dispatch-shipment.ts";

const address = {
  id: "A",
  recipient: "Ada",
  line1: "Weg 1",
  line2: "",
  city: "Berlin",
  postalCode: "10115",
  region: "",
};
const parcel: Parcel = {
  ...{ orderId: "o-1", userId: "u-1", method: "standard", items: [{ sku: "P-101", quantity: 2 }], weightGrams: 600 },
  address: { ...address, country: "DE" },
};
const booking = { carrierId: "shp_1", trackingNumber: "TRK" };

/** A shipment that is cancelled while the carrier books it, and a carrier that is away for the first recalls. */
function aWorld({ awayFor = 0, gone = false }) {
  let shipment: Shipment | undefined;
  let away = awayFor;
  const recalled: string[] = [];
  const shipments: Pick<Shipments, "begin" | "update"> = {
    begin: async (begun) => {
      shipment ??= {
        ...begun,
        id: "s-1",
        status: "pending",
        carrierId: "",
        trackingNumber: "",
        createdAt: new Date(0),
      };
      return shipment;
    },
    update: async (_, decide: (current: Shipment) => Change) => {
      if (shipment === undefined) throw new Error("There is no shipment.");
      shipment = decide(shipment).shipment;
      return shipment;
    },
  };
  const carrier: Pick<Carrier, "book" | "bookingOf" | "recall"> = {
    book: async () => {
      shipment = shipment && { ...shipment, status: "cancelled" };
      return booking;
    },
    bookingOf: async () => booking,
    recall: async (_, carrierId) => {
      if (away-- > 0) throw shippingErrors.CARRIER_UNAVAILABLE();
      recalled.push(carrierId);
      return gone ? "gone" : "recalled";
    },
  };
  return { dispatch: dispatchShipment({ shipments: shipments as Shipments, carrier: carrier as Carrier }), recalled };
}

const reason = (name: string) => expect.objectContaining({ reason: name });

describe("dispatching a parcel that is called back while the carrier books it", () => {
  it("calls it back from the carrier, however often that fails at first", async () => {
    const { dispatch, recalled } = aWorld({ awayFor: 2 });
    await expect(dispatch(parcel)).rejects.toThrow(reason("CARRIER_UNAVAILABLE"));
    await expect(dispatch(parcel)).rejects.toThrow(reason("CARRIER_UNAVAILABLE"));
    await expect(dispatch(parcel)).rejects.toThrow(reason("SHIPMENT_CLOSED"));
    expect(recalled).toEqual(["shp_1"]);
  });

  it("says so when the carrier has taken it already", async () => {
    await expect(aWorld({ gone: true }).dispatch(parcel)).rejects.toThrow(reason("SHIPMENT_PICKED_UP"));
  });
});
