import { describe, expect, it } from "vitest";
import { addCode, addLine, changeLine, choose, MAX_LINES, newCart, removeCode, removeLine } from "./cart.ts";
import { mergeInto } from "./cart-merge.ts";
import { at } from "./fixtures.ts";

const empty = newCart({ id: "c-1", userId: undefined, currency: "" }, at);
const aLine = (sku: string, quantity = 1, currency = "EUR") => ({
  productId: sku,
  sku,
  title: sku,
  quantity,
  currency,
});
const quantities = (cart: typeof empty) => Object.fromEntries(cart.lines.map(({ sku, quantity }) => [sku, quantity]));
const violating = (field: string, code: string) =>
  expect.objectContaining({ violations: [expect.objectContaining({ field, code })] });

describe("a line of a cart", () => {
  it("is one for each variant: units that are added count together", () => {
    const cart = addLine(addLine(addLine(empty, aLine("P-1", 2)), aLine("P-2")), aLine("P-1", 3));
    expect(quantities(cart)).toEqual({ "P-1": 5, "P-2": 1 });
    expect(cart.currency).toBe("EUR");
  });

  it("has at most 999 units, counted after adding, and a cart at most 100 lines", () => {
    const full = addLine(empty, aLine("P-1", 999));
    expect(() => addLine(full, aLine("P-1"))).toThrow(violating("quantity", "TOO_LARGE"));
    const skus = Array.from({ length: MAX_LINES }, (_, n) => `P-${n}`);
    const long = skus.reduce((cart, sku) => addLine(cart, aLine(sku)), empty);
    expect(() => addLine(long, aLine("P-other"))).toThrow(violating("sku", "TOO_MANY"));
    expect(quantities(addLine(long, aLine("P-7")))["P-7"]).toBe(2);
  });

  it("is changed if it exists, and removed once", () => {
    const cart = addLine(empty, aLine("P-1"));
    expect(quantities(changeLine(cart, "P-1", 7))).toEqual({ "P-1": 7 });
    expect(() => changeLine(cart, "P-2", 1)).toThrow(expect.objectContaining({ reason: "CART_LINE_NOT_FOUND" }));
    expect(quantities(removeLine(removeLine(cart, "P-1"), "P-1"))).toEqual({});
  });
});

describe("a coupon code", () => {
  it("is one code in all its spellings", () => {
    const cart = addCode(addCode(empty, "Sommer-10"), "ＳＯＭＭＥＲ１０ ");
    expect(cart.codes).toEqual(["Sommer-10"]);
    expect(removeCode(cart, "sommer10").codes).toEqual([]);
    expect(() => addCode(empty, " - ")).toThrow(violating("code", "REQUIRED"));
  });
});

describe("a merge of two carts", () => {
  const later = new Date(at.getTime() + 1_000);
  it("adds quantities up to the limit, and names what it left out", () => {
    const mine = addLine(addLine(empty, aLine("P-1", 990)), aLine("P-2"));
    const theirs = addLine(addLine(empty, aLine("P-1", 20)), aLine("P-3", 2));
    const merged = mergeInto(mine, theirs);
    expect(quantities(merged)).toEqual({ "P-1": 999, "P-2": 1, "P-3": 2 });
    expect(merged.notices).toEqual([{ sku: "P-1", wanted: 1010, kept: 999 }]);
  });

  it("leaves out lines of another currency and beyond the limit of the cart, and names them", () => {
    const merged = mergeInto(addLine(empty, aLine("P-1")), addLine(empty, aLine("P-2", 3, "JPY")));
    expect(merged).toMatchObject({ currency: "EUR", notices: [{ sku: "P-2", wanted: 3, kept: 0 }] });
    expect(quantities(merged)).toEqual({ "P-1": 1 });
  });

  it("keeps the newer of two choices, and all codes once", () => {
    const mine = addCode(choose(choose(empty, { email: "old@x.example" }, at), { note: "mine" }, later), "SUMMER");
    const theirs = addCode(choose(choose(empty, { email: "new@x.example" }, later), { note: "theirs" }, at), "summer");
    const { choices, codes } = mergeInto(mine, theirs);
    expect(choices).toMatchObject({ email: { value: "new@x.example" }, note: { value: "mine" } });
    expect(codes).toEqual(["SUMMER"]);
  });
});
