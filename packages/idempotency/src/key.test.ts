import { describe, expect, it } from "vitest";
import { keyViolation, requestHash } from "./key.ts";

describe("an idempotency key", () => {
  it.each(["k", "!", "~", "a b", "x".repeat(255), '"quoted"', "8e03978e-40d5-43dd-bc93-6894a57f9324"])(
    "may be %j",
    (key) => expect(keyViolation(key, "key")).toBe(false),
  );

  it.each([
    "",
    " ",
    " a",
    "a ",
    "x".repeat(256),
    "a\tb",
    "a\n",
    "a\0b",
    "ü",
    "\u200b",
    "a\u00a0b",
    "4111-1111-1111-1111",
  ])("may not be %j", (key) => expect(keyViolation(key, "key")).toMatchObject({ field: "key" }));
});

describe("the hash of a request", () => {
  it("is equal across versions, so that keys stored before still match", () => {
    const hash = requestHash({ userId: "u", items: [{ quantity: 2n, price: 1200n }] }).toString("hex");
    expect(hash).toBe("eacfa67221d313fcf062cf266ad78f3cde1c87bd1e9ec191fa820bd5c0b981e2");
    expect(requestHash({ quantity: 2 })).toEqual(requestHash({ quantity: 2n }));
  });

  it("differs for other values", () => {
    expect(requestHash({ amount: 1n })).not.toEqual(requestHash({ amount: 2n }));
  });
});
