import { describe, expect, it } from "vitest";
import { DEFAULT_PAYMENT_METHODS, paymentMethods } from "./payment-methods.ts";

describe("payment methods", () => {
  const methods = paymentMethods([...DEFAULT_PAYMENT_METHODS, "invoice"]);

  it.each(["card", "invoice", "tok_visa", "tok_3ds", "tok_a-B_9"])("have %s", (method) => {
    expect(methods.has(method)).toBe(true);
  });

  it.each(["", "Card", "bitcoin", "card2", "tok_", "tok_*", "tok_a b", `tok_${"x".repeat(61)}`])(
    "do not have %j",
    (method) => {
      expect(methods.has(method)).toBe(false);
    },
  );

  it("name the accepted values", () => {
    expect(methods.names).toEqual(["card", "tok_*", "invoice"]);
  });
});
