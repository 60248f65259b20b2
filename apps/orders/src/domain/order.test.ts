import { describe, expect, it } from "vitest";
import { anOrder, aPlacement, at } from "./fixtures.ts";
import { historyOf } from "./history.ts";
import { apply, isFinal, placedEvent } from "./order.ts";
import { refund } from "./track.ts";

describe("an order", () => {
  it("begins with the accepted placement", () => {
    const order = anOrder();
    expect(order).toMatchObject({ ...aPlacement(), stage: "placed", cancelling: false, version: 1, placedAt: at });
  });

  it("counts its events", () => {
    expect(anOrder({ type: "stock-reserved", at }, { type: "confirmed", at }).version).toBe(3);
  });

  it("cannot begin with anything but its placement", () => {
    expect(() => apply(undefined, { type: "confirmed", at })).toThrow("cannot begin");
  });

  it("drops the bank's challenge once the payment is decided", () => {
    const asked = anOrder({ type: "payment-action-required", actionUrl: "https://bank.example/1", at });
    expect(asked.actionUrl).toBe("https://bank.example/1");
    expect(apply(asked, { type: "payment-authorised", paymentId: "p-1", at }).actionUrl).toBe("");
    expect(apply(asked, { type: "rejected", reason: "PAYMENT_DECLINED", detail: "No.", at }).actionUrl).toBe("");
  });

  it("returns to its former status when a cancellation is refused", () => {
    const asked = anOrder({ type: "confirmed", at }, { type: "cancellation-requested", by: "u-1", reason: "", at });
    expect(asked).toMatchObject({ stage: "confirmed", cancelling: true });
    const refused = apply(asked, { type: "cancellation-refused", detail: "Too late.", at });
    expect(refused).toMatchObject({ stage: "confirmed", cancelling: false });
  });

  it("has the refunded amount, in any status", () => {
    const given = { type: "refunded", actor: "staff:s-1", reason: "Broken.", at } as const;
    const part = anOrder({ type: "completed", at }, { ...given, amount: 500n, refunded: 500n });
    expect(part).toMatchObject({ stage: "completed", refunded: 500n });
    expect(refund(part, { ...given, amount: 500n, refunded: 500n }, at)).toEqual([]);
    expect(refund(part, { ...given, amount: 90n, refunded: 590n }, at)).toMatchObject([
      { amount: 90n, refunded: 590n },
    ]);
  });

  it("has the actor, amount and reason of each refund in its history", () => {
    const placed = placedEvent(anOrder());
    const given = {
      type: "refunded",
      amount: 500n,
      refunded: 500n,
      actor: "staff:s-1",
      reason: "Broken.",
      at,
    } as const;
    const requested = { type: "cancellation-requested", by: "s-2", reason: "", at } as const;
    expect(
      historyOf([placed, given, requested]).map(({ actor, amount, description }) => [actor, amount, description]),
    ).toEqual([
      ["user:u-1", 0n, "The order was placed."],
      ["staff:s-1", 500n, "€5.00 was given back: Broken."],
      ["staff:s-2", 0n, "The shop requested a cancellation."],
    ]);
  });

  it("is final once completed, rejected or cancelled", () => {
    expect(isFinal(anOrder())).toBe(false);
    expect(isFinal(anOrder({ type: "shipped", at }))).toBe(false);
    expect(isFinal(anOrder({ type: "completed", at }))).toBe(true);
    expect(isFinal(anOrder({ type: "rejected", reason: "R", detail: "", at }))).toBe(true);
    expect(isFinal(anOrder({ type: "cancelled", reason: "R", detail: "", at }))).toBe(true);
  });
});
