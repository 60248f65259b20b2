import { describe, expect, it } from "vitest";
import { availabilityOf } from "./availability.ts";

describe("the availability of a SKU", () => {
  it.each([
    [0n, 5, "out-of-stock", undefined],
    [1n, 5, "low-stock", 1],
    [5n, 5, "low-stock", 5],
    [6n, 5, "in-stock", undefined],
    [9_007_199_254_740_993n, 5, "in-stock", undefined],
    [1n, 0, "in-stock", undefined],
    [0n, 0, "out-of-stock", undefined],
  ] as const)("of %s units is, with %s as the largest public number, %s", (available, lowStock, status, remaining) => {
    expect(availabilityOf("a", available, lowStock)).toEqual({ sku: "a", status, ...(remaining && { remaining }) });
  });
});
