import type { Parcel } from "../src/domain/shipment.ts";

/** Returns the parcel of the order `o-1`. */
export function aParcel(overrides: Partial<Parcel> = {}): Parcel {
  const street = { id: "A", recipient: "Ada", line1: "Weg 1", line2: "" };
  return {
    ...{ orderId: "o-1", userId: "u-1", method: "standard", items: [{ sku: "P-101", quantity: 2 }], weightGrams: 600 },
    address: { ...street, city: "Berlin", postalCode: "10115", region: "", country: "DE" },
    ...overrides,
  };
}

/** What the carrier calls the parcel. */
export const booking = { carrierId: "shp_1", trackingNumber: "TRK-1" };
