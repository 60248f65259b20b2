import { describe, expect, it } from "vitest";
import { isCountry, lengthOf, parseInstant } from "./index.ts";

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
  it.each(["DE", "GB", "US", "CH", "TW", "AQ"])("is what ISO 3166-1 assigns: %s", (code) => {
    expect(isCountry(code)).toBe(true);
  });

  it.each(["UK", "EU", "ZZ", "XX", "XK", "AC", "SU", "AN", "de", "DEU", "", "D", "276"])("is not %j", (code) => {
    expect(isCountry(code)).toBe(false);
  });
});
