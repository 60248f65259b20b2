import { RE2JS } from "@bufbuild/re2";
import { describe, expect, it } from "vitest";
import { jsonSchemaPattern } from "./patterns.ts";

const texts = [
  "",
  "a",
  "A-1",
  "Müller",
  "ß",
  "😀",
  "a\n",
  "a b",
  "x".repeat(65),
  "a.b",
  "-",
  "_",
  "\u2028",
  "é",
  "A\u0000",
];

describe("patterns", () => {
  it.each(["^[A-Za-z0-9\\-_]{1,64}$", "^[!-~]{1,100}$", "^(?:[a-z]{1,3})?$", "[0-9]+", "^[^/]+$", "^a\\.b$"])(
    "that mean the same in JSON Schema are written: %s",
    (pattern) => {
      const written = jsonSchemaPattern(pattern) ?? "";
      expect(written).toBe(pattern);
      const schema = new RegExp(written, "u");
      const re2 = RE2JS.compile(pattern);
      expect(texts.map((text) => schema.test(text))).toEqual(texts.map((text) => re2.test(text)));
    },
  );

  it.each(["(?i)abc", "a\\z", "[[:alpha:]]+", "\\p{L}+", "^\\s*$", "a.c", "(?P<n>a)", "\\Qa\\E"])(
    "that could differ are left out: %s",
    (pattern) => {
      expect(jsonSchemaPattern(pattern)).toBeUndefined();
    },
  );
});
