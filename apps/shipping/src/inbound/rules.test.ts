import { ShippingService } from "@kontor/shop/contracts/shipping/v1/shipping_service";
import { violationsIn } from "@kontor/validation/testing";
import { describe, expect, it } from "vitest";

const { dispatchShipment, listRates, listShipments, quoteShipping } = ShippingService.method;
const codesOf = (...args: Parameters<typeof violationsIn>) =>
  violationsIn(...args).map(({ field, code }) => `${field} ${code}`);

describe("the contract of shipping", () => {
  it.each([listRates, quoteShipping])("ships to countries, and no negative weight", (method) => {
    expect(violationsIn(method, { country: "DE" })).toEqual([]);
    expect(codesOf(method, { country: "UK", weightGrams: -1 })).toEqual([
      "country NOT_A_COUNTRY",
      "weightGrams TOO_SMALL",
    ]);
  });

  it("dispatches to addresses that were stored by older rules", () => {
    const parcel = { orderId: "o1", items: [{ sku: "A", quantity: 1 }], address: { recipient: "", country: "UK" } };
    expect(violationsIn(dispatchShipment, parcel)).toEqual([]);
    expect(codesOf(dispatchShipment, {})).toEqual(["orderId REQUIRED", "items REQUIRED"]);
  });

  it("refuses filters of lists", () => {
    expect(codesOf(listShipments, { orderId: "ä", trackingNumber: "a b", orderBy: 9 as never })).toEqual([
      "orderId WRONG_CHARACTERS",
      "trackingNumber WRONG_CHARACTERS",
      "orderBy NOT_IN",
    ]);
  });
});
