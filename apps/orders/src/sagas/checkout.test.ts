import { describe, expect, it } from "vitest";
import { anOrder, at } from "../domain/fixtures.ts";
import { undone } from "./checkout.ts";

const timedOut = { reason: "DEADLINE_EXCEEDED", message: "The saga did not reach its pivot in time." };

describe("an order whose checkout was undone", () => {
  it("is cancelled by its requester", () => {
    for (const reason of ["CANCELLED_BY_CUSTOMER", "CANCELLED_BY_SHOP"]) {
      const end = undone(anOrder(), { reason, message: "The saga was asked to compensate." }, at);
      expect(end).toMatchObject({ type: "cancelled", reason });
    }
  });

  it("is rejected as not confirmed when the deadline passed while the customer was to confirm the payment", () => {
    const asked = anOrder({ type: "payment-action-required", actionUrl: "https://bank.example/1", at });
    expect(undone(asked, timedOut, at)).toMatchObject({ type: "rejected", reason: "PAYMENT_NOT_CONFIRMED" });
    expect(undone(anOrder(), timedOut, at)).toMatchObject({ type: "rejected", reason: "CHECKOUT_TIMED_OUT" });
  });
});
