import { describe, expect, it } from "vitest";
import { invalid } from "../error.ts";
import { LANGUAGES } from "../language.ts";
import { namesIn } from "../template.ts";
import { VIOLATIONS, violation, violationText } from "./violations.ts";

describe("a violation", () => {
  it("has a code, its params and an English description", () => {
    expect(violation("reason", "TOO_LONG", { max: 10_000 })).toEqual({
      field: "reason",
      code: "TOO_LONG",
      params: { max: 10_000 },
      description: "Must be at most 10,000 characters.",
    });
    expect(violation("email", "REQUIRED")).toMatchObject({ params: {}, description: "Is required." });
  });

  it("states numbers and lists as the language writes them", () => {
    expect(violationText("TOO_LONG", { max: 10_000 }, "de")).toBe("Darf höchstens 10.000 Zeichen lang sein.");
    expect(violationText("NOT_IN", { values: ["standard", "express"] }, "de")).toContain("standard, express");
  });

  it("has no text without its params, or with a code of another service", () => {
    expect(violationText("TOO_LONG", {}, "en")).toBeUndefined();
    expect(violationText("TOO_SHINY", {}, "en")).toBeUndefined();
    expect(violationText("constructor", {}, "de")).toBeUndefined();
  });

  it("does not compile with an unknown code, or with a missing, misspelt or superfluous param", () => {
    const never = () => {
      // @ts-expect-error this code does not exist
      violation("reason", "TOO_SHINY");
      // @ts-expect-error the param is missing
      violation("reason", "TOO_LONG");
      // @ts-expect-error the param is misspelt
      violation("reason", "TOO_LONG", { most: 500 });
      // @ts-expect-error this code has no params
      violation("reason", "REQUIRED", { max: 500 });
    };
    expect(never).toBeTypeOf("function");
  });
});

describe("the catalogue of violations", () => {
  it.each(VIOLATIONS)("has a text of $code with the same params in every language", ({ code, params }) => {
    expect(code).toMatch(/^[A-Z][A-Z0-9_]+[A-Z0-9]$/);
    const values = Object.fromEntries(params.map((name) => [name, `‹${name}›`]));
    for (const language of LANGUAGES) {
      const text = violationText(code, values, language);
      expect(text).toMatch(/[.!]$/);
      for (const name of params) expect(text).toContain(`‹${name}›`);
      expect(namesIn(text ?? "")).toEqual([]);
    }
    expect(violationText(code, values, "de")).not.toBe(violationText(code, values, "en"));
  });
});

describe("a refusal of fields", () => {
  it("has a German message made of the German texts", () => {
    expect(invalid([violation("reason", "TOO_LONG", { max: 500 })]).translations).toEqual({
      de: "reason: Darf höchstens 500 Zeichen lang sein.",
    });
  });
});
