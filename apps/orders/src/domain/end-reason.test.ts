import { OrderEndReason } from "@kontor/shop/contracts/orders/v1/order";
import { describe, expect, it } from "vitest";
import { declineCodeOf, declineDetail, endDetails, endOf } from "./end-reason.ts";

describe("the reasons an order can end with", () => {
  it("are those of the contract", () => {
    const names = Object.values(OrderEndReason).filter((name) => typeof name === "string" && name !== "UNSPECIFIED");
    expect(Object.keys(endDetails)).toEqual(names);
  });

  it.each([
    [
      "CIRCUIT_OPEN",
      "Gave up after 8 attempts. UNAVAILABLE CIRCUIT_OPEN: shop.inventory.v1.InventoryService has failed.",
    ],
    ["SKU_NOT_FOUND", "SKU P-1 has no stock record."],
    ["toString", "Step reserve-stock did not answer within 5000 ms."],
    ["PAYMENT_DIFFERS", "Order o-1 has a payment of 12 EUR already."],
  ])("hide the technical cause %s", (reason, message) => {
    expect(endOf({ reason, message })).toEqual({
      reason: "CHECKOUT_FAILED",
      detail: "The order could not be completed. Nothing was charged.",
    });
  });

  it("describe a missed deadline by its meaning for the customer", () => {
    const end = endOf({ reason: "DEADLINE_EXCEEDED", message: "The saga did not reach its pivot in time." });
    expect(end).toEqual({ reason: "CHECKOUT_TIMED_OUT", detail: endDetails.CHECKOUT_TIMED_OUT });
  });

  it("keep the words of the bank and of the stock", () => {
    const declined = { reason: "PAYMENT_DECLINED", message: "The payment was declined: card_expired." };
    expect(endOf(declined)).toEqual({ reason: "PAYMENT_DECLINED", detail: declined.message });
    expect(endOf({ reason: "OUT_OF_STOCK", message: "" }).detail).toBe(endDetails.OUT_OF_STOCK);
  });

  it("name the code of a declined payment", () => {
    const [reason, detail] = ["PAYMENT_DECLINED", declineDetail("insufficient_funds")];
    expect(declineCodeOf({ reason, detail })).toBe("insufficient_funds");
    expect(declineCodeOf({ reason, detail: endDetails.PAYMENT_DECLINED })).toBeUndefined();
    expect(declineCodeOf({ reason: "OUT_OF_STOCK", detail })).toBeUndefined();
  });
});
