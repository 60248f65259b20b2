import { describe, expect, it } from "vitest";
import { cancelReason, requestCancellation } from "./cancel.ts";
import { anOrder, aPlacement, at } from "./fixtures.ts";
import { historyOf } from "./history.ts";
import { askShopper, complete, dispatch, ship } from "./track.ts";

const asked = { type: "cancellation-requested", by: "u-1", reason: "", at } as const;

describe("cancelling an order", () => {
  it("is requested once", () => {
    expect(requestCancellation(anOrder(), "u-1", "", at)).toEqual([asked]);
    expect(requestCancellation(anOrder(asked), "u-1", "", at)).toEqual([]);
  });

  it("is possible until the carrier has the parcel", () => {
    expect(requestCancellation(anOrder({ type: "confirmed", at }), "u-1", "", at)).toEqual([asked]);
    expect(() => requestCancellation(anOrder({ type: "shipped", at }), "u-1", "", at)).toThrow(
      expect.objectContaining({ reason: "ORDER_NOT_CANCELLABLE" }),
    );
  });

  it("is recorded as requested by the shop unless the customer did", () => {
    const by = (by: string) =>
      historyOf([
        { type: "placed", ...aPlacement(), at },
        { ...asked, by, reason: "Wrong price." },
      ]).at(-1)?.description;
    expect(by("u-1")).toBe("The customer requested a cancellation: Wrong price.");
    expect(by("staff-7")).toBe("The shop requested a cancellation: Wrong price.");
    expect([cancelReason(anOrder(), "u-1"), cancelReason(anOrder(), "staff-7")]).toEqual([
      "CANCELLED_BY_CUSTOMER",
      "CANCELLED_BY_SHOP",
    ]);
  });

  it("changes nothing once it is done", () => {
    const cancelled = anOrder({ type: "cancelled", reason: "CANCELLED_BY_CUSTOMER", detail: "", at });
    expect(requestCancellation(cancelled, "u-1", "", at)).toEqual([]);
  });
});

describe("messages of the carrier", () => {
  const dispatched = { type: "dispatched", trackingNumber: "TRK1", at } as const;

  it("moves the order on once", () => {
    const sent = anOrder({ type: "confirmed", at }, dispatched);
    expect(ship(sent, "TRK1", at)).toEqual([{ type: "shipped", at }]);
    expect(ship(anOrder({ type: "shipped", at }), "TRK1", at)).toEqual([]);
    expect(complete(anOrder({ type: "shipped", at }), "TRK1", at)).toEqual([{ type: "completed", at }]);
    expect(complete(anOrder({ type: "completed", at }), "TRK1", at)).toEqual([]);
  });

  it("may arrive before the response to dispatch, and may skip the pick-up", () => {
    const types = complete(anOrder({ type: "confirmed", at }), "TRK1", at).map(({ type }) => type);
    expect(types).toEqual(["dispatched", "shipped", "completed"]);
    expect(dispatch(anOrder({ type: "confirmed", at }, dispatched, { type: "shipped", at }), "TRK1", at)).toEqual([]);
  });
});

describe("the bank's question", () => {
  it("is shown once, and not after the payment was decided", () => {
    const events = askShopper(anOrder(), "https://bank.example/1", at);
    expect(events).toEqual([{ type: "payment-action-required", actionUrl: "https://bank.example/1", at }]);
    expect(askShopper(anOrder(...events), "https://bank.example/1", at)).toEqual([]);
    expect(askShopper(anOrder({ type: "confirmed", at }), "https://bank.example/1", at)).toEqual([]);
  });
});

describe("the history", () => {
  it("contains each event and the order's status after it", () => {
    const entries = historyOf([
      { type: "placed", ...aPlacement(), at },
      { type: "stock-reserved", at },
      { type: "rejected", reason: "PAYMENT_DECLINED", detail: "card_declined", at },
    ]);
    expect(entries.map(({ type, order }) => [type, order.version, order.stage])).toEqual([
      ["placed", 1, "placed"],
      ["stock-reserved", 2, "placed"],
      ["rejected", 3, "rejected"],
    ]);
    expect(entries[2]?.description).toContain("card_declined");
  });
});
