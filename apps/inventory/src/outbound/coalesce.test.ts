import { describe, expect, it } from "vitest";
import { coalesce } from "./coalesce.ts";

describe("coalescing calls", () => {
  const recording = (fails: (group: readonly number[]) => boolean = () => false) => {
    const groups: (readonly number[])[] = [];
    const double = coalesce(3, async (group: readonly number[]) => {
      groups.push(group);
      if (fails(group)) throw new Error(`no ${group}`);
      return group.map((value) => 2 * value);
    });
    return { groups, double };
  };

  it("lets those share a call that come while another is under way, so many at most", async () => {
    const { groups, double } = recording();
    expect(await Promise.all([1, 2, 3, 4, 5].map(double))).toEqual([2, 4, 6, 8, 10]);
    expect(groups).toEqual([[1], [2, 3, 4], [5]]);
    expect(await double(6)).toBe(12);
  });

  it("tries each alone when a shared call fails", async () => {
    const { double } = recording((group) => group.includes(3));
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(double));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  });
});
