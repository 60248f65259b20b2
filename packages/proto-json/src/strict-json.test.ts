import { describe, expect, it } from "vitest";
import { defaultJsonLimits, type JsonLimits, parseStrictJson } from "./strict-json.ts";

const parse = (text: string, limits?: JsonLimits) => parseStrictJson(Buffer.from(text), limits);
const refusal = expect.objectContaining({ isSyntax: true, fault: expect.objectContaining({ code: "MALFORMED_JSON" }) });

describe("parsing JSON", () => {
  it("stops at a number of values, for a short text can become a hundred times as much memory", () => {
    const { maxValues } = defaultJsonLimits;
    const most = `[${"0,".repeat(maxValues - 2)}0]`;
    expect(parse(most)).toHaveLength(maxValues - 1);
    expect(() => parse(`[[],${most.slice(1)}`)).toThrow(refusal);
    const boxes = `[${"[[0]],".repeat(600_000)}0]`;
    expect(() => parse(boxes)).toThrow(refusal);
  });

  it("counts the values of objects, too", () => {
    const limits = { maxDepth: 10, maxValues: 3 };
    expect(parse('{"a":1,"b":2}', limits)).toEqual({ a: 1, b: 2 });
    expect(() => parse('{"a":1,"b":[2]}', limits)).toThrow(refusal);
  });
});
