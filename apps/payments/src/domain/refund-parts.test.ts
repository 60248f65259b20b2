import { describe, expect, it } from "vitest";
import { refundParts } from "./refund-parts.ts";

const refund = (key: string, amount: bigint) => ({ key, amount, actor: `staff:${key}`, reason: key, restock: [] });
const partsOf = (amount: bigint, ...requested: [string, bigint][]) =>
  refundParts(
    amount,
    requested.map(([key, part]) => refund(key, part)),
  ).map(({ actor, amount }) => [actor, amount]);

describe("an amount that the provider refunded", () => {
  it("belongs to the refund that was requested", () => {
    expect(partsOf(300n, ["a", 300n])).toEqual([["staff:a", 300n]]);
    expect(partsOf(200n, ["a", 300n], ["b", 200n])).toEqual([["staff:b", 200n]]);
  });

  it("belongs to several that were reported together", () => {
    expect(partsOf(500n, ["a", 300n], ["b", 200n])).toEqual([
      ["staff:a", 300n],
      ["staff:b", 200n],
    ]);
  });

  it("belongs to the provider where the shop did not request it", () => {
    expect(partsOf(100n)).toEqual([["provider", 100n]]);
    expect(partsOf(350n, ["a", 300n], ["b", 200n])).toEqual([
      ["staff:a", 300n],
      ["provider", 50n],
    ]);
  });
});
