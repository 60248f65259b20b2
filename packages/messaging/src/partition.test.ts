import { describe, expect, it } from "vitest";
import { durablesOf, partitionOf } from "./partition.ts";
import { quotaOf } from "./partition-leases.ts";

describe("the partition of a key", () => {
  it("is FNV-1a modulo the number of partitions", () => {
    const of = 2 ** 31;
    expect(["", "a", "foobar"].map((key) => partitionOf(key, of))).toEqual(
      [0x811c9dc5, 0xe40c292c, 0xbf9cf968].map((hash) => hash % of),
    );
    expect(partitionOf("a", 1)).toBe(0);
  });

  it("spreads keys evenly", () => {
    const counts = new Array(8).fill(0);
    for (let n = 0; n < 8_000; n++) counts[partitionOf(crypto.randomUUID(), 8)] += 1;
    for (const count of counts) expect(count).toBeGreaterThan(800);
  });
});

it("an undivided consumer has the durable of its name", () => {
  expect(durablesOf("mails", 1)).toEqual(["mails"]);
  expect(durablesOf("mails", 3)).toEqual(["mails-p0", "mails-p1", "mails-p2"]);
});

describe("the share of a replica", () => {
  const shares = (members: number, partitions: number) => {
    const names = Array.from({ length: members }, (_, index) => `m${index}`);
    return names.map((name) => quotaOf(names, name, partitions));
  };

  it("is the same for all, with the rest at the first ones", () => {
    expect(shares(1, 4)).toEqual([4]);
    expect(shares(3, 8)).toEqual([3, 3, 2]);
    expect(shares(4, 2)).toEqual([1, 1, 0, 0]);
  });

  it("is none for a replica that is not a member", () => {
    expect(quotaOf(["a"], "b", 4)).toBe(0);
  });
});
