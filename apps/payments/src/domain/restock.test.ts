import { describe, expect, it } from "vitest";
import { checkRestock } from "./restock.ts";

const sold = [
  { sku: "A", sold: 3, returned: 0 },
  { sku: "B", sold: 2, returned: 2 },
];
const refusalOf = (sku: string, quantity: number, promised = 0) => {
  try {
    checkRestock(
      [
        { sku: "A", quantity: 1 },
        { sku, quantity },
      ].slice(sku === "A" ? 1 : 0),
      sold,
      [{ sku: "A", quantity: promised }],
    );
    return undefined;
  } catch (error) {
    return error;
  }
};

describe("the units that a refund puts back", () => {
  it("are limited to the sold units", () => {
    expect(refusalOf("A", 3)).toBeUndefined();
    expect(refusalOf("A", 4)).toMatchObject({
      reason: "RESTOCK_TOO_HIGH",
      message: expect.stringMatching(/at most 3/),
    });
  });

  it("are less those of refunds that were accepted before", () => {
    expect(refusalOf("A", 2, 1)).toBeUndefined();
    expect(refusalOf("A", 3, 1)).toMatchObject({ metadata: { sold: "3", returned: "1", left: "2" } });
  });

  it("exclude returned units and units that were never sold; the error names the line", () => {
    expect(refusalOf("B", 1)).toMatchObject({ metadata: { field: "restock[1].quantity", sku: "B", left: "0" } });
    expect(refusalOf("C", 1)).toMatchObject({ metadata: { field: "restock[1].quantity", sku: "C", sold: "0" } });
  });
});
