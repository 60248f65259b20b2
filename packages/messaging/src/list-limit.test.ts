import { describe, expect, it } from "vitest";
import { listLimit } from "./list-limit.ts";

describe("the limit of a list", () => {
  it.each([0, -1, 501, 1.5, Number.NaN])("of %s is refused instead of cut", (limit) => {
    expect(() => listLimit(limit)).toThrow(/not 1 to 500/);
  });

  it("is what the caller wants, up to 500", () => {
    expect([1, 50, 500].map(listLimit)).toEqual([1, 50, 500]);
  });
});
