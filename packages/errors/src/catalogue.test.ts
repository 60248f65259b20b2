import { describe, expect, it } from "vitest";
import { defineErrors, invalid, isKontorError, isTransient, KontorError } from "./index.ts";

const errors = defineErrors("orders.shop", {
  ORDER_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { orderId: string }) => `Order ${f.orderId} does not exist.`,
  },
  PRICE_CHANGED: {
    code: "ABORTED",
    message: (f: { seen: bigint; real: bigint }) => `The price is ${f.real}, not ${f.seen}.`,
  },
  CART_EMPTY: { code: "FAILED_PRECONDITION", message: "The cart is empty." },
  SHOP_CLOSED: { code: "UNAVAILABLE", message: () => "The shop is closed." },
});

describe("an error of a catalogue", () => {
  it("carries code, reason, domain, message and its facts as strings", () => {
    expect(errors.PRICE_CHANGED({ seen: 1200n, real: 1300n })).toMatchObject({
      name: "KontorError",
      code: "ABORTED",
      reason: "PRICE_CHANGED",
      domain: "orders.shop",
      message: "The price is 1300, not 1200.",
      metadata: { seen: "1200", real: "1300" },
      violations: [],
    });
  });

  it("needs no facts when its message has none", () => {
    expect(errors.CART_EMPTY().message).toBe("The cart is empty.");
    expect(errors.SHOP_CLOSED({ retryAfterMs: 5_000 })).toMatchObject({
      message: "The shop is closed.",
      retryAfterMs: 5_000,
    });
  });

  it("keeps its cause", () => {
    const cause = new Error("socket closed");
    expect(errors.ORDER_NOT_FOUND({ orderId: "O-1" }, { cause }).cause).toBe(cause);
    expect(errors.SHOP_CLOSED({ cause }).cause).toBe(cause);
  });

  it("knows its reason before it happens", () => {
    expect(errors.CART_EMPTY.reason).toBe("CART_EMPTY");
    expect(errors.CART_EMPTY.code).toBe("FAILED_PRECONDITION");
  });

  it("does not compile with missing, misspelt or mistyped facts, or an unknown reason", () => {
    const never = () => {
      // @ts-expect-error the fact is missing
      errors.ORDER_NOT_FOUND({});
      // @ts-expect-error the facts are missing
      errors.ORDER_NOT_FOUND();
      // @ts-expect-error the fact is misspelt
      errors.ORDER_NOT_FOUND({ orderID: "O-1" });
      // @ts-expect-error there is one fact too many
      errors.ORDER_NOT_FOUND({ orderId: "O-1", colour: "red" });
      // @ts-expect-error the fact has another type
      errors.PRICE_CHANGED({ seen: "1200", real: 1300n });
      // @ts-expect-error this error has no facts
      errors.CART_EMPTY({ cartId: "C-1" });
      // @ts-expect-error this reason does not exist
      errors.ORDER_LOST({ orderId: "O-1" });
      // @ts-expect-error this code does not exist
      defineErrors("x", { A: { code: "TEAPOT", message: "I am a teapot." } });
    };
    expect(never).toBeTypeOf("function");
  });
});

describe("recognising errors", () => {
  it("distinguishes expected failures from bugs, and by reason", () => {
    const error: unknown = errors.ORDER_NOT_FOUND({ orderId: "O-1" });
    expect(isKontorError(error)).toBe(true);
    expect(isKontorError(error, "ORDER_NOT_FOUND")).toBe(true);
    expect(isKontorError(error, "CART_EMPTY")).toBe(false);
    expect(isKontorError(new TypeError("oops"))).toBe(false);
  });

  it("calls only UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED and RESOURCE_EXHAUSTED transient", () => {
    const of = (code: KontorError["code"]) => new KontorError({ code, reason: "R", domain: "d", message: "m" });
    expect(
      (["UNAVAILABLE", "DEADLINE_EXCEEDED", "ABORTED", "RESOURCE_EXHAUSTED"] as const).every((code) =>
        isTransient(of(code)),
      ),
    ).toBe(true);
    expect(
      (["NOT_FOUND", "INTERNAL", "FAILED_PRECONDITION", "CANCELLED"] as const).some((code) => isTransient(of(code))),
    ).toBe(false);
    expect(isTransient(new Error("ECONNRESET"))).toBe(false);
  });

  it("names every field of an invalid request", () => {
    const error = invalid([{ field: "items[0].quantity", description: "Must be at least 1." }]);
    expect(error).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "INVALID_REQUEST",
      domain: "kontor",
    });
    expect(error.violations).toEqual([{ field: "items[0].quantity", description: "Must be at least 1." }]);
    expect(error.message).toContain("items[0].quantity: Must be at least 1.");
  });
});
