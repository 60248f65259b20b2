import { describe, expect, it } from "vitest";
import {
  add,
  allocate,
  compare,
  currencyExponent,
  equals,
  formatMoney,
  type Money,
  money,
  multiply,
  negate,
  subtract,
  sum,
  toDecimal,
  zero,
} from "./index.ts";

/** Numbers that look random and are the same in every run. */
function* numbers(seed: number) {
  let state = seed;
  for (;;) {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    yield state;
  }
}

const eur = (minor: bigint | number) => money("EUR", minor);
const random = numbers(20_260_101);
const next = (below: number) => (random.next().value as number) % below;
const amounts = (count: number): Money[] => Array.from({ length: count }, () => eur(next(2_000_001) - 1_000_000));

describe("adding and subtracting", () => {
  it("is exact, also beyond the range of a double", () => {
    expect(add(eur(9_007_199_254_740_993n), eur(2))).toEqual(eur(9_007_199_254_740_995n));
    expect(subtract(eur(1), eur(3))).toEqual(eur(-2));
  });

  it("obeys the laws of arithmetic", () => {
    for (let round = 0; round < 200; round++) {
      const [a = zero("EUR"), b = zero("EUR"), c = zero("EUR")] = amounts(3);
      expect(add(a, b)).toEqual(add(b, a));
      expect(add(add(a, b), c)).toEqual(add(a, add(b, c)));
      expect(subtract(add(a, b), b)).toEqual(a);
      expect(add(a, negate(a))).toEqual(zero("EUR"));
      expect(multiply(add(a, b), 7)).toEqual(add(multiply(a, 7), multiply(b, 7)));
      expect(sum([a, b, c], "EUR")).toEqual(add(a, add(b, c)));
      expect(compare(a, b)).toBe(-compare(b, a) + 0);
      expect(compare(a, b) === 0).toBe(equals(a, b));
    }
  });

  it("of nothing is zero", () => {
    expect(sum([], "EUR")).toEqual(zero("EUR"));
  });

  it("refuses to mix currencies, by name", () => {
    const mixed = { code: "FAILED_PRECONDITION", reason: "CURRENCY_MISMATCH", metadata: { left: "EUR", right: "JPY" } };
    for (const operation of [add, subtract, compare])
      expect(() => operation(eur(1), money("JPY", 1))).toThrow(expect.objectContaining(mixed));
    expect(() => sum([eur(1), money("JPY", 1)], "EUR")).toThrow(expect.objectContaining(mixed));
    expect(equals(eur(1), money("JPY", 1))).toBe(false);
  });
});

describe("making money", () => {
  it("refuses currencies that do not exist and fractions of the minor unit", () => {
    expect(() => money("EUX", 1)).toThrow(expect.objectContaining({ reason: "UNKNOWN_CURRENCY" }));
    for (const unit of ["XAU", "XXX", "XTS", "DEM"])
      expect(() => money(unit, 1)).toThrow(expect.objectContaining({ reason: "UNKNOWN_CURRENCY" }));
    expect(() => money("eur", 1)).toThrow(expect.objectContaining({ reason: "UNKNOWN_CURRENCY" }));
    expect(() => eur(0.5)).toThrow(RangeError);
    expect(() => multiply(eur(1), 0.5)).toThrow(RangeError);
  });
});

const parts = (minor: number, weights: readonly number[]) =>
  allocate(eur(minor), weights).map((part) => Number(part.minor));

describe("allocating", () => {
  it("gives the rest to the largest remainders, the first among equals", () => {
    expect(parts(100, [1, 1, 1])).toEqual([34, 33, 33]);
    expect(parts(101, [1, 1, 1])).toEqual([34, 34, 33]);
    expect(parts(10, [7, 12, 1])).toEqual([4, 6, 0]);
    expect(parts(-100, [1, 1, 1])).toEqual([-34, -33, -33]);
    expect(parts(5, [0, 1, 0])).toEqual([0, 5, 0]);
  });

  it("never loses or invents a unit, and is never more than one unit off", () => {
    for (let round = 0; round < 500; round++) {
      const [amount = zero("EUR")] = amounts(1);
      const weights = Array.from({ length: 1 + next(6) }, () => next(1_000));
      weights[0] = (weights[0] ?? 0) + 1;
      const whole = weights.reduce((total, weight) => total + weight, 0);
      const parts = allocate(amount, weights);
      expect(sum(parts, "EUR")).toEqual(amount);
      for (const [index, part] of parts.entries()) {
        const exact = (Number(amount.minor) * (weights[index] ?? 0)) / whole;
        expect(Math.abs(Number(part.minor) - exact)).toBeLessThan(1);
      }
    }
  });

  it("gives a weight of 0 exactly 0, and has nothing to distribute if all weights are 0", () => {
    expect(parts(5, [0, 7, 3])).toEqual([0, 4, 1]);
    expect(parts(500, [0, 0])).toEqual([0, 0]);
    expect(parts(500, [])).toEqual([]);
  });

  it("gives the unit that is left to the largest fraction, wherever it is", () => {
    expect(parts(9_999, [75, 25])).toEqual([7_499, 2_500]);
    expect(parts(1_003, [49, 51])).toEqual([491, 512]);
    expect(parts(101, [375, 625])).toEqual(parts(101, [625, 375]).toReversed());
    expect(parts(1_000, [100, 100, 100])).toEqual([334, 333, 333]);
    expect(parts(5, [1, 1, 1, 1, 1, 1, 1])).toEqual([1, 1, 1, 1, 1, 0, 0]);
  });

  it("returns the units of a line one by one so that the sum is what was paid", () => {
    expect(parts(10_001, [1, 1, 1])).toEqual([3_334, 3_334, 3_333]);
  });

  it("refuses weights that make no sense", () => {
    for (const weights of [[2, -1], [0.5]]) expect(() => allocate(eur(1), weights)).toThrow(RangeError);
  });
});

describe("showing money", () => {
  it.each([
    ["EUR", 2],
    ["JPY", 0],
    ["UGX", 0],
    ["ISK", 0],
    ["KWD", 3],
    ["IQD", 3],
    ["HUF", 2],
    ["COP", 2],
    ["IDR", 2],
    ["CLF", 4],
  ])("knows that %s has %i digits, by ISO 4217 and not by the locale data of the runtime", (currency, digits) => {
    expect(currencyExponent(currency)).toBe(digits);
  });

  it("is exact as a decimal", () => {
    expect([eur(1999), eur(-5), eur(0), money("JPY", 1200), money("KWD", 1)].map(toDecimal)).toEqual([
      "19.99",
      "-0.05",
      "0.00",
      "1200",
      "0.001",
    ]);
    expect(toDecimal(eur(900_719_925_474_099_312n))).toBe("9007199254740993.12");
  });

  it("follows the locale, without rounding", () => {
    expect(formatMoney(eur(1200))).toBe("€12.00");
    expect(formatMoney(eur(900_719_925_474_099_312n))).toBe("€9,007,199,254,740,993.12");
    expect(formatMoney(money("JPY", 1200), "ja")).toContain("1,200");
    expect(formatMoney(eur(123_456), "de")).toBe("1.234,56\u00a0€");
    expect(formatMoney(money("HUF", 10_000), "hu")).toContain("100,00");
    expect(formatMoney(money("IQD", 1_500))).toContain("1.500");
  });
});
