import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { definePages } from "./index.ts";
import type { Filters } from "./token.ts";

const pages = definePages({
  list: "products",
  domain: "catalog.shop",
  cursor: { price: /-?\d{1,19}/, id: /[\w-]{1,64}/ },
});
const rows = ["a", "b", "c"].map((id, index) => ({ id, price: BigInt(index) }));
const filters: Filters = { category: "mugs", minPrice: 5n, inStock: true, sort: "price" };

function tokenOf(given: Filters = filters): string {
  const { nextPageToken } = pages.read({ pageSize: 2 }, given).of(rows, ({ id, price }) => ({ id, price }));
  if (nextPageToken === undefined) throw new Error("There is no next page.");
  return nextPageToken;
}

const read = (pageToken: string, given: Filters = filters) => pages.read({ pageSize: 2, pageToken }, given);
const refusal = (field: string) =>
  expect.objectContaining({ reason: "INVALID_REQUEST", violations: [expect.objectContaining({ field })] });

describe("a page", () => {
  it("holds as many items as the request wants, and has a token if there are more", () => {
    const page = pages.read({ pageSize: 2 }, filters);
    expect(page).toMatchObject({ limit: 3, after: undefined });
    expect(page.of(rows, (row) => row)).toEqual({ items: rows.slice(0, 2), nextPageToken: expect.any(String) });
    expect(page.of(rows.slice(0, 2), (row) => row)).toEqual({ items: rows.slice(0, 2) });
    expect(page.of([], () => ({ id: "", price: 0 }))).toEqual({ items: [] });
  });

  it("has 20 items by default and 100 at most", () => {
    expect(pages.read({ pageSize: 0, pageToken: "" }).limit).toBe(21);
    expect(pages.read({ pageSize: 100 }).limit).toBe(101);
    for (const pageSize of [-1, 101, Number.NaN]) expect(() => pages.read({ pageSize })).toThrow(refusal("pageSize"));
  });

  it("names all that is wrong", () => {
    const violations = [{ field: "pageSize" }, { field: "pageToken" }].map((one) => expect.objectContaining(one));
    expect(() => pages.read({ pageSize: 101, pageToken: "?" })).toThrow(expect.objectContaining({ violations }));
  });
});

describe("a page token", () => {
  it("leads to the item after the page, under the same filters, in any size", () => {
    expect(read(tokenOf()).after).toEqual({ id: "b", price: "1" });
    expect(pages.read({ pageSize: 50, pageToken: tokenOf() }, filters).after).toEqual({ id: "b", price: "1" });
  });

  it("does not depend on the order of the filters, nor on whether empty ones are named", () => {
    const reversed = Object.fromEntries(Object.entries(filters).reverse());
    expect(read(tokenOf(), { ...reversed, owner: undefined, text: "" }).after).toEqual({ id: "b", price: "1" });
  });

  it.each<[string, Filters]>([
    ["another value", { ...filters, category: "bowls" }],
    ["another number", { ...filters, minPrice: 6n }],
    ["another switch", { ...filters, inStock: false }],
    ["another order", { ...filters, sort: "newest" }],
    ["another owner", { ...filters, owner: "u-1" }],
    ["one filter less", { category: "mugs" }],
    ["the values of two filters exchanged", { ...filters, category: "price", sort: "mugs" }],
    ["a list of the same text", { ...filters, category: ["mugs"] }],
    ["no filter", {}],
  ])("is refused with %s", (_, other) => {
    expect(() => read(tokenOf(), other)).toThrow(refusal("pageToken"));
  });

  it("is refused by another list", () => {
    const other = definePages({ list: "orders", domain: "x", cursor: { price: /\d+/, id: /\w+/ } });
    expect(() => other.read({ pageSize: 0, pageToken: tokenOf() }, filters)).toThrow(refusal("pageToken"));
  });

  it("is refused if any character of it changed, or anything was added", () => {
    const token = tokenOf();
    for (const index of token.split("").keys()) {
      const changed = token.slice(0, index) + (token[index] === "A" ? "B" : "A") + token.slice(index + 1);
      expect(() => read(changed)).toThrow(refusal("pageToken"));
    }
    for (const changed of [`${token}=`, `${token}A`, ` ${token}`, token.slice(1), "?", "\0", "e30", token.slice(0, 10)])
      expect(() => read(changed)).toThrow(refusal("pageToken"));
  });

  it("is refused with values that no cursor of the list has, even with a valid hash", () => {
    const forged = (text: string) => {
      const given = Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1));
      const canonical = JSON.stringify(["products", given, text], (_, value) =>
        typeof value === "bigint" ? `${value}n` : value,
      );
      const hash = createHash("sha256").update(canonical).digest().subarray(0, 12);
      return Buffer.concat([hash, Buffer.from(text)]).toString("base64url");
    };
    expect(read(forged('["1","b"]')).after).toEqual({ price: "1", id: "b" });
    for (const text of [
      '["1"]',
      '["1","b","c"]',
      '["x","b"]',
      '["1","b b"]',
      '["1","\\u0000"]',
      "[1,2]",
      "{}",
      "1",
      "",
      "[",
    ])
      expect(() => read(forged(text))).toThrow(refusal("pageToken"));
  });
});
