import { PaymentsService } from "@kontor/shop/contracts/payments/v1/payments_service";
import { violationsIn } from "@kontor/validation/testing";
import { describe, expect, it } from "vitest";

const { authorisePayment, capturePayment, listPayments, refundOrder, refundPayment } = PaymentsService.method;
const codesOf = (...args: Parameters<typeof violationsIn>) =>
  violationsIn(...args).map(({ field, code }) => `${field} ${code}`);

describe("the contract of payments", () => {
  it("refuses a payment with all that is wrong with it", () => {
    const request = { orderId: "o1", userId: "u1", paymentMethod: "card", amount: { currency: "EUR", minor: 1n } };
    expect(violationsIn(authorisePayment, request)).toEqual([]);
    const wrong = { userId: "", paymentMethod: "4111111111111111", amount: { currency: "eur", minor: 0n } };
    expect(codesOf(authorisePayment, { orderId: "ä", ...wrong })).toEqual([
      "orderId WRONG_CHARACTERS",
      "userId WRONG_CHARACTERS",
      "amount.currency NOT_A_CURRENCY",
      "amount.minor OUT_OF_RANGE",
      "paymentMethod CARD_NUMBER",
    ]);
    expect(codesOf(authorisePayment, { ...request, amount: undefined })).toEqual(["amount REQUIRED"]);
    expect(codesOf(capturePayment, {})).toEqual(["orderId WRONG_CHARACTERS"]);
  });

  it("refuses a refund with all that is wrong with it", () => {
    const request = { idempotencyKey: "r1", reason: "broken" };
    expect(violationsIn(refundPayment, request)).toEqual([]);
    const restock = [
      { sku: "A", quantity: 1 },
      { sku: "A", quantity: 0 },
    ];
    const amount = { currency: "EUR", minor: 2n ** 53n };
    expect(
      violationsIn(refundPayment, { idempotencyKey: " ", reason: "4111 1111 1111 1111", restock, amount }),
    ).toMatchObject([
      { field: "reason", code: "CARD_NUMBER" },
      { field: "idempotencyKey", code: "WRONG_KEY" },
      { field: "restock[1].sku", code: "DUPLICATE" },
      { field: "restock[1].quantity", code: "OUT_OF_RANGE", params: { min: 1, max: 999 } },
      { field: "amount.minor", code: "OUT_OF_RANGE", params: { min: 1, max: Number.MAX_SAFE_INTEGER } },
    ]);
  });

  it("accepts old reasons of cancelled orders, and the actor who cancels", () => {
    expect(violationsIn(refundOrder, { orderId: "o1", reason: "a\u202eb", actor: "staff:ada" })).toEqual([]);
    expect(violationsIn(refundOrder, { orderId: "o1" })).toEqual([]);
    expect(violationsIn(refundOrder, { orderId: "o1", actor: "ada" })).toMatchObject([
      { field: "actor", code: "WRONG_FORMAT", params: { example: "staff:id" } },
    ]);
  });

  it("refuses filters of lists", () => {
    expect(codesOf(listPayments, { status: 99 as never, userId: "a b", orderId: "ä", currency: "eur" })).toEqual([
      "status NOT_IN",
      "userId WRONG_CHARACTERS",
      "orderId WRONG_CHARACTERS",
      "currency NOT_A_CURRENCY",
    ]);
    for (const currency of ["XXX", "DEM", "EU"])
      expect(codesOf(listPayments, { currency })).toEqual(["currency NOT_A_CURRENCY"]);
  });
});
