import { describe, expect, it } from "vitest";
import { checkText, isCountry, lengthOf, parseInstant, readText } from "./index.ts";

describe("the length of a text", () => {
  it("counts code points", () => {
    expect([lengthOf(""), lengthOf("abc"), lengthOf("😀".repeat(101)), lengthOf("日本")]).toEqual([0, 3, 101, 2]);
  });
});

describe("a time stamp from outside", () => {
  it.each([
    ["2026-11-30T10:00:00Z", "2026-11-30T10:00:00.000Z"],
    ["2026-11-30t10:00:00.5z", "2026-11-30T10:00:00.500Z"],
    ["2026-11-30T10:00:00.123456789+02:00", "2026-11-30T08:00:00.123Z"],
    ["2026-11-30T23:30:00-05:30", "2026-12-01T05:00:00.000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ])("is read by RFC 3339: %s", (text, expected) => {
    expect(parseInstant(text)?.toISOString()).toBe(expected);
  });

  it.each([
    ["a year of more than four digits", "+012345-01-01T00:00:00Z"],
    ["a year before 1", "0000-12-31T23:59:59Z"],
    ["a year before 1 by its zone", "0001-01-01T00:00:00+01:00"],
    ["a year after 9999 by its zone", "9999-12-31T23:59:59-01:00"],
    ["no zone", "2026-11-30T10:00:00"],
    ["no time", "2026-11-30"],
    ["a number", "5"],
    ["milliseconds", "1764500000000"],
    ["words", "tomorrow"],
    ["a date of mail", "Mon, 30 Nov 2026 10:00:00 GMT"],
    ["a day that no calendar has", "2026-02-29T10:00:00Z"],
    ["a month 13", "2026-13-01T10:00:00Z"],
    ["an hour 24", "2026-11-30T24:00:00Z"],
    ["a minute 60", "2026-11-30T10:60:00Z"],
    ["a zone of 24 hours", "2026-11-30T10:00:00+24:00"],
    ["blanks", " 2026-11-30T10:00:00Z"],
    ["nothing", ""],
  ])("is refused with %s", (_, text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});

describe("a country", () => {
  it.each(["DE", "GB", "US", "CH", "TW", "AQ"])("is assigned by ISO 3166-1: %s", (code) => {
    expect(isCountry(code)).toBe(true);
  });

  it.each(["UK", "EU", "ZZ", "XX", "XK", "AC", "SU", "AN", "de", "DEU", "", "D", "276"])("is not %j", (code) => {
    expect(isCountry(code)).toBe(false);
  });
});

describe("a text that a person enters", () => {
  it("is stored in NFC, without white space and invisible characters around it", () => {
    expect(readText(" \u200bZoe\u0308\u00a0\u2060\ufeff\n")).toBe("Zo\u00eb");
    expect(readText("a  b")).toBe("a  b");
  });

  it.each([
    "Zo\u00eb",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
    "\u2764\ufe0f",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "\u05d3\u05d5\u05d3 (David)\u200f",
    "Do\u00f1a 2",
    "?",
    "\u{1f600}".repeat(200),
  ])("may be %s", (text) => {
    expect(readText(text)).toBe(text);
    expect(checkText("name", text, { min: 1, max: 200 })).toBe(false);
  });

  it.each([
    ["an override", "\u202egnp.exe"],
    ["an embedding", "a\u202ab"],
    ["an isolate", "a\u2067b"],
    ["a deprecated format character", "a\u206ab"],
    ["an annotation", "a\ufff9b"],
    ["a NUL", "a\0b"],
    ["an escape", "a\u001b[31m"],
    ["a C1 control", "a\u0085b"],
    ["a line break", "a\nb"],
    ["a line separator", "a\u2028b"],
    ["half a surrogate pair", "a\ud800b"],
    ["only a zero width space", "\u200b"],
    ["only invisible characters", " \u2060\u00ad"],
    ["only a filler", "\u3164"],
    ["only a joiner", "\u200d"],
    ["only a mark", "\u0301"],
    ["only the blank of Braille", "\u2800"],
    ["only a tag", "\u{e0041}"],
    ["201 characters", "\u{1f600}".repeat(201)],
  ])("is refused with %s", (_, text) => {
    expect(checkText("name", readText(text), { max: 200 })).toMatchObject({ field: "name", code: expect.any(String) });
  });

  it.each(["", " ", "\ufeff\n"])("is refused where one is required: %j", (text) => {
    expect(checkText("name", readText(text), { min: 1, max: 9 })).toMatchObject({
      code: "WRONG_LENGTH",
      params: { min: 1, max: 9 },
    });
    expect(checkText("name", readText(text), { max: 9 })).toBe(false);
  });

  it("has lines where the rule allows them", () => {
    const rule = { max: 99, lines: true };
    expect(checkText("note", "a\r\n\tb\u2028c", rule)).toBe(false);
    for (const text of ["a\0b", "a\u001bb", "a\u202eb"]) expect(checkText("note", text, rule)).not.toBe(false);
  });
});
