import { PaymentStatus, PaymentStatusSchema } from "@kontor/contracts/payments/v1/payment";
import { PaymentSort, PaymentSortSchema } from "@kontor/contracts/payments/v1/payments_service";
import { violation } from "@kontor/errors";
import { describe, expect, it } from "vitest";
import { type FilterReader, readFilters } from "./index.ts";

const sorts = { [PaymentSort.UNSPECIFIED]: "newest", [PaymentSort.NEWEST]: "newest", [PaymentSort.OLDEST]: "oldest" };
const refusal = (...violations: unknown[]) =>
  expect.objectContaining({ reason: "INVALID_REQUEST", domain: "x.kontor", violations });

function read<T>(work: (filters: FilterReader) => T): T {
  const filters = readFilters("x.kontor");
  const value = work(filters);
  filters.end();
  return value;
}

describe("a filter by an enum", () => {
  it("is what stands for its value", () => {
    expect(read((filters) => filters.choice("orderBy", PaymentSortSchema, PaymentSort.OLDEST, sorts))).toBe("oldest");
    expect(read((filters) => filters.choice("orderBy", PaymentSortSchema, PaymentSort.UNSPECIFIED, sorts))).toBe(
      "newest",
    );
  });

  it.each([7, -1])("is refused with the unknown value %d, which names the values as JSON has them", (value) => {
    const unknown = (filters: FilterReader) =>
      filters.choice("orderBy", PaymentSortSchema, value as PaymentSort, sorts);
    expect(() => read(unknown)).toThrow(refusal(violation("orderBy", "NOT_IN", { values: ["newest", "oldest"] })));
  });

  it("names values of several words as JSON has them", () => {
    const names = { [PaymentStatus.PENDING]: "p" } as Record<PaymentStatus, string>;
    const unknown = (filters: FilterReader) =>
      filters.choice("status", PaymentStatusSchema, PaymentStatus.VOIDED, names);
    expect(() => read(unknown)).toThrow(
      expect.objectContaining({ message: expect.stringContaining("requires_action") }),
    );
  });
});

describe("a filter by an id", () => {
  it("is the id, and none if it is empty or absent", () => {
    const ids = ["o-1", "", undefined].map((value) => read((filters) => filters.id("orderId", value)));
    expect(ids).toEqual(["o-1", undefined, undefined]);
  });

  it.each(["a b", "\0", "ä", "x".repeat(101)])("is refused as %j", (value) => {
    const wrong = violation("orderId", "WRONG_CHARACTERS", { min: 1, max: 100, allowed: "! to ~" });
    expect(() => read((filters) => filters.id("orderId", value))).toThrow(refusal(wrong));
  });

  it("follows the rule of its list", () => {
    const rule = { pattern: /^[a-z]{1,3}$/, max: 3, allowed: "a-z" };
    expect(read((filters) => filters.id("sku", "abc", rule))).toBe("abc");
    const wrong = violation("sku", "WRONG_CHARACTERS", { min: 1, max: 3, allowed: "a-z" });
    expect(() => read((filters) => filters.id("sku", "abcd", rule))).toThrow(refusal(wrong));
  });
});

describe("a filter by time", () => {
  it("is a date, and refused where there is none", () => {
    const at = { $typeName: "google.protobuf.Timestamp", seconds: 1n, nanos: 5_000_000 } as const;
    expect(read((filters) => [filters.time("from", at), filters.time("until", undefined)])).toEqual([
      new Date(1_005),
      undefined,
    ]);
    const never = { ...at, seconds: 10n ** 15n };
    expect(() => read((filters) => filters.time("from", never))).toThrow(refusal(violation("from", "NOT_A_TIME")));
  });
});

it("a request is refused with all that is wrong", () => {
  const all = (filters: FilterReader) => {
    filters.id("userId", " ");
    filters.check(false, violation("text", "NO_LETTER"));
  };
  expect(() => read(all)).toThrow(
    refusal(expect.objectContaining({ field: "userId" }), violation("text", "NO_LETTER")),
  );
});
