import { InventoryService } from "@kontor/shop/contracts/inventory/v1/inventory_service";
import { violationsIn } from "@kontor/validation/testing";
import { describe, expect, it } from "vitest";

const { adjustStock, batchGetAvailability, createLocation, listLowStock, reserveStock, restock } =
  InventoryService.method;
const booking = (overrides: object = {}) => ({ sku: "A", locationId: "BER-1", reference: "d-1", ...overrides });
const codesOf = (...args: Parameters<typeof violationsIn>) =>
  violationsIn(...args).map(({ field, code }) => `${field} ${code}`);

describe("the contract of inventory", () => {
  it("limits what one booking moves", () => {
    expect(violationsIn(restock, booking({ quantity: 1_000_000 }))).toEqual([]);
    expect(codesOf(restock, booking({ quantity: 1_000_001 }))).toEqual(["quantity OUT_OF_RANGE"]);
    expect(violationsIn(adjustStock, booking({ delta: -1_000_000, reason: "lost" }))).toEqual([]);
    expect(codesOf(adjustStock, booking({ delta: 0, reason: " " }))).toEqual(["delta ZERO", "reason WRONG_LENGTH"]);
    expect(violationsIn(adjustStock, booking({ delta: -1_000_001, reason: "lost" }))).toMatchObject([
      { field: "delta", code: "OUT_OF_RANGE", params: { min: -1_000_000, max: 1_000_000 } },
    ]);
  });

  it("refuses a booking with all that is wrong with it", () => {
    const request = { sku: "ä", locationId: "ber", quantity: 0, reason: "\u202e", reference: " " };
    expect(codesOf(restock, request)).toEqual([
      "sku WRONG_CHARACTERS",
      "locationId WRONG_CHARACTERS",
      "quantity OUT_OF_RANGE",
      "reason DIRECTION_CHARACTERS",
      "reference WRONG_KEY",
    ]);
  });

  it("reserves each SKU once, in quantities of 1 to 999", () => {
    const items = [
      { sku: "A", quantity: 1 },
      { sku: "A", quantity: 1_000 },
    ];
    expect(codesOf(reserveStock, { orderId: "o 1", items })).toEqual([
      "orderId WRONG_CHARACTERS",
      "items[1].sku DUPLICATE",
      "items[1].quantity OUT_OF_RANGE",
    ]);
    expect(codesOf(reserveStock, { orderId: "o1" })).toEqual(["items WRONG_COUNT"]);
  });

  it("refuses SKUs, places and filters that are none", () => {
    expect(codesOf(batchGetAvailability, {})).toEqual(["skus WRONG_COUNT"]);
    expect(codesOf(batchGetAvailability, { skus: ["A", ""] })).toEqual(["skus[1] WRONG_CHARACTERS"]);
    expect(codesOf(createLocation, {})).toEqual(["location REQUIRED"]);
    expect(codesOf(createLocation, { location: { id: "ber" } })).toEqual([
      "location.id WRONG_CHARACTERS",
      "location.name WRONG_LENGTH",
    ]);
    expect(codesOf(listLowStock, { maxAvailable: -1 })).toEqual(["maxAvailable OUT_OF_RANGE"]);
    expect(violationsIn(listLowStock, {})).toEqual([]);
  });
});
