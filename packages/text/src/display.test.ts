import { describe, expect, it } from "vitest";
import { isolated, printable } from "./index.ts";

describe("a printable text", () => {
  it.each([
    ["an override", "\u202eecilA", "ecilA"],
    [
      "each embedding, override, isolate and mark",
      "a\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061cb",
      "ab",
    ],
    ["invisible characters", "a\u200b\u00ad\u2060\ufeff\u3164\ufff9b\u{e0041}", "ab"],
    ["control characters", "a\0\u0007\u001b[31mb\u009b", "a [31mb"],
    ["line breaks", "Ada\r\nBcc: eve@example.com\u2028x\u2029y\u0085z", "Ada Bcc: eve@example.com x y z"],
    ["halves of characters", "a\ud800b", "a\ufffdb"],
    ["blanks at its ends and in a row", "  a \t b\u00a0\u3000", "a b"],
  ])("is without %s", (_, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it.each(["\u200b", "\u202e\u202c", " \u200d\ufe0f ", "\n"])("is empty if nothing is visible: %j", (text) => {
    expect(printable(text)).toBe("");
  });

  it.each(["Zoë", "José", "می\u200cخواهم", "👩\u200d👩\u200d👧", "❤\ufe0f", "日本", "\u0600١٢", "O'Brien <o@b>"])(
    "keeps visible text: %s",
    (text) => {
      expect(printable(text)).toBe(text);
    },
  );
});

describe("an isolated text", () => {
  it.each(["שלום", "سارة", "Ada שרה 12", "𞤀𞤣𞤤𞤢𞤥"])(
    "has its own direction if it has letters from right to left: %s",
    (text) => {
      expect(isolated(text)).toBe(`\u2068${text}\u2069`);
    },
  );

  it("cannot end its isolate, or begin another", () => {
    expect(isolated("\u2069שרה\u2067\u202e")).toBe("\u2068שרה\u2069");
  });

  it.each(["Ada", "12 €", "日本", ""])("is unchanged otherwise: %j", (text) => {
    expect(isolated(text)).toBe(text);
  });
});
