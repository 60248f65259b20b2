import { describe, expect, it } from "vitest";
import { availabilityOf } from "./availability.ts";

describe("the availability of a SKU", () => {
  it.each([
    [0, 5, "out-of-stock", undefined],
    [1, 5, "low-stock", 1],
    [5, 5, "low-stock", 5],
    [6, 5, "in-stock", undefined],
    [1_000_000_000, 5, "in-stock", undefined],
    [1, 0, "in-stock", undefined],
    [0, 0, "out-of-stock", undefined],
  ] as const)("of %s units is, with %s as the largest public number, %s", (available, lowStock, status, remaining) => {
    expect(availabilityOf("a", available, lowStock)).toEqual({ sku: "a", status, ...(remaining && { remaining }) });
  });
});
