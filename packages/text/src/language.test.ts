import { describe, expect, it } from "vitest";
import { preferredLanguage } from "./language.ts";

describe("the language of texts", () => {
  it.each([
    [undefined, "en"],
    ["", "en"],
    ["de", "de"],
    ["DE-at", "de"],
    ["de-AT, en;q=0.8", "de"],
    ["en;q=0.5, de;q=0.9", "de"],
    ["de;q=0.5, en;q=0.9", "en"],
    ["fr, de;q=0.3", "de"],
    ["fr", "en"],
    ["*", "en"],
    ["*, en;q=0", "de"],
    ["de;q=0, *;q=0.1", "en"],
    ["de;q=0", "en"],
    ["de;q=0, de-AT", "en"],
    ["de-CH;q=0.2, en;q=0.4", "en"],
    ["de-CH;q=0.2, de-AT;q=0.7, en;q=0.4", "de"],
    ["den", "en"],
    ["de;q=2", "en"],
    ["de; q = 0.9 , en ;q=0.1", "de"],
    ["\u0000;;;,,q=1", "en"],
  ])("is chosen by weight from %s: %s", (header, language) => {
    expect(preferredLanguage(header, ["en", "de"])).toBe(language);
  });
});
