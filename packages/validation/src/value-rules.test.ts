import { create } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { OrdersService, SearchOrdersRequestSchema } from "@kontor/sample";
import { describe, expect, it } from "vitest";
import { createRequestRules } from "./index.ts";

describe("a time in a request", () => {
  const check = createRequestRules({ contracts: [OrdersService], onDefect: () => {} }).of(
    OrdersService.method.searchOrders,
  );
  const request = (seconds: bigint, nanos: number) =>
    create(SearchOrdersRequestSchema, { placedFrom: create(TimestampSchema, { seconds, nanos }) });

  it.each([
    [-62_135_596_800n, 0],
    [253_402_300_799n, 999_999_999],
  ])("is of the years 0001 to 9999: %d s and %d ns", (seconds, nanos) => {
    expect(() => check?.(request(seconds, nanos))).not.toThrow();
  });

  it.each([
    [-62_135_596_801n, 999_999_999],
    [253_402_300_800n, 0],
    [0n, -1],
    [0n, 1_000_000_000],
  ])("is refused beyond them: %d s and %d ns", (seconds, nanos) => {
    expect(() => check?.(request(seconds, nanos))).toThrow(/^placedFrom: Must be an RFC 3339 time/);
  });
});
