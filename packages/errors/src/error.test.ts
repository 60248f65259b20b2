import { describe, expect, it } from "vitest";
import { invalid, KontorError } from "./error.ts";

const long = "é".repeat(100_000);

/** Returns the least bytes of an error's HTTP/2 trailers: base64 of its facts, and its message in percent encoding. */
function trailerBytes({ message, translations, metadata, violations }: KontorError): number {
  const facts = Buffer.from(JSON.stringify({ message, translations, metadata, violations })).toString("base64");
  return facts.length + encodeURIComponent(message).length;
}

describe("an error", () => {
  it("fits into trailers, with any number of violations: a larger status would end the connection for all its calls", () => {
    const violations = Array.from({ length: 100_000 }, (_, i) => ({ field: `items[${i}].${long}`, description: long }));
    const many = invalid(violations);
    expect(many.violations.length).toBeGreaterThanOrEqual(20);
    expect(trailerBytes(many)).toBeLessThan(60_000);
    const metadata = { orderId: long, status: long, sku: long, field: long };
    expect(trailerBytes(new KontorError({ ...many, message: long, metadata, violations }))).toBeLessThan(60_000);
  });

  it("fits into trailers when params are long", () => {
    const params = { a: [long, long], b: long, c: Array(10_000).fill("é"), d: long };
    const violations = Array.from({ length: 100 }, () => ({ field: long, description: long, code: long, params }));
    const error = new KontorError({ ...invalid(violations), message: long, violations });
    expect(trailerBytes(error)).toBeLessThan(60_000);
    expect(error.violations[0]?.params).toEqual({
      a: [],
      b: expect.stringMatching(/^é{119}…$/),
      c: Array(24).fill("é"),
    });
  });

  it("never ends in half a character", () => {
    const error = new KontorError({ code: "NOT_FOUND", reason: "A", domain: "a", message: `x${"😀".repeat(1_000)}` });
    expect(error.message.isWellFormed()).toBe(true);
    expect(error.message.endsWith("😀…")).toBe(true);
  });

  it("is complete where it is short", () => {
    const violations = [{ field: "items[0].quantity", description: "Must be 1 to 999, not 0." }];
    const error = invalid(violations);
    expect(error.message).toBe("items[0].quantity: Must be 1 to 999, not 0.");
    expect(error.violations).toEqual(violations);
  });
});
