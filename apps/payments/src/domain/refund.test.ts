import { describe, expect, it } from "vitest";
import { refundAmount } from "./refund.ts";

const taken = { captured: 1000n, refunded: 0n };

describe("the amount of a refund", () => {
  it("is the requested amount, or all that is left", () => {
    expect(refundAmount(taken, 0n, 300n)).toBe(300n);
    expect(refundAmount(taken, 0n, 0n)).toBe(1000n);
  });

  it("excludes amounts of other refunds, counting nothing twice", () => {
    expect(refundAmount(taken, 300n, 0n)).toBe(700n);
    expect(refundAmount({ captured: 1000n, refunded: 300n }, 300n, 0n)).toBe(700n);
    expect(refundAmount({ captured: 1000n, refunded: 400n }, 300n, 0n)).toBe(600n);
  });

  it.each([
    ["more than is left", taken, 300n, 701n],
    ["all of nothing", taken, 1000n, 0n],
    ["an amount that was never captured", { captured: 0n, refunded: 0n }, 0n, 1n],
  ])("is never %s", (_, totals, promised, wanted) => {
    expect(() => refundAmount(totals, promised, wanted)).toThrow(
      expect.objectContaining({ reason: "REFUND_TOO_HIGH" }),
    );
  });
});
