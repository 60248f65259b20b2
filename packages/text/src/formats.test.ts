import { describe, expect, it } from "vitest";
import { canonicalLanguage, isIdempotencyKey, isWebAddress } from "./formats.ts";

describe("a language tag", () => {
  it("is returned in its canonical form", () => {
    expect(canonicalLanguage(" DE-at ")).toBe("de-AT");
    expect(canonicalLanguage("zh-hant-tw")).toBe("zh-Hant-TW");
  });

  it.each(["", " ", "deutsch-", "de_AT", "x", `de-${"abcde-".repeat(6)}abcde`])("is none: %j", (tag) => {
    expect(canonicalLanguage(tag)).toBeUndefined();
  });
});

describe("a web address", () => {
  it("has http or https and no white space", () => {
    expect(isWebAddress("https://shop.example/mug.jpg?size=2")).toBe(true);
    expect(isWebAddress(`https://shop.example/${"a".repeat(1_979)}`)).toBe(true);
    for (const none of ["", "shop.example", "ftp://shop.example", "javascript:alert(1)", "https://a b", "https://"])
      expect(isWebAddress(none)).toBe(false);
    expect(isWebAddress(`https://shop.example/${"a".repeat(1_980)}`)).toBe(false);
  });
});

describe("an idempotency key", () => {
  it("has 1 to 255 printable ASCII characters and no space at either end", () => {
    for (const key of ["k", "a b", "~", "x".repeat(255)]) expect(isIdempotencyKey(key)).toBe(true);
    for (const none of ["", " a", "a ", "ä", "a\n", "x".repeat(256)]) expect(isIdempotencyKey(none)).toBe(false);
  });
});
