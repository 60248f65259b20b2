import { describe, expect, it } from "vitest";
import { rateFor, ratesFor } from "./rates.ts";

describe("rates", () => {
  it("list the cheapest first and cost more with weight and distance", () => {
    const [standard, express] = ratesFor("DE", 500);
    expect([standard?.method, express?.method]).toEqual(["standard", "express"]);
    const price = (country: string, grams: number) => rateFor("standard", country, grams, "EUR").price.minor;
    expect(price("DE", 500)).toBe(490n);
    expect(price("DE", 5_000)).toBeGreaterThan(price("DE", 2_000));
    expect(price("FR", 500)).toBeGreaterThan(price("DE", 500));
    expect(price("US", 500)).toBeGreaterThan(price("FR", 500));
  });

  it.each([
    ["COUNTRY_NOT_SERVED", () => ratesFor("BR", 1)],
    ["PARCEL_TOO_HEAVY", () => ratesFor("DE", 31_501)],
    ["METHOD_NOT_FOUND", () => rateFor("drone", "DE", 1, "EUR")],
    ["CURRENCY_NOT_SERVED", () => rateFor("express", "DE", 1, "USD")],
  ])("refuse with %s", (reason, work) => {
    expect(work).toThrow(expect.objectContaining({ reason }));
  });
});
