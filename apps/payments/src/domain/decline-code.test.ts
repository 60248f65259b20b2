import { PaymentDeclineCode } from "@kontor/shop/contracts/payments/v1/payment";
import { describe, expect, it } from "vitest";
import { declineCodeOf, declineCodes } from "./decline-code.ts";

describe("the codes that a payment can be declined with", () => {
  it("are those of the contract", () => {
    const names = Object.values(PaymentDeclineCode).filter(
      (name) => typeof name === "string" && name !== "UNSPECIFIED",
    );
    expect(declineCodes.map((code) => code.toUpperCase())).toEqual(names);
  });

  it.each(declineCodes)("keep their name: %s", (code) => {
    expect(declineCodeOf(code)).toBe(code);
  });

  it.each([
    ["expired_card", "card_expired"],
    ["authentication_required", "authentication_failed"],
    ["ERR-4711: host psp-7.internal", "card_declined"],
    ["toString", "card_declined"],
    ["", "card_declined"],
  ])("hide internal codes of the provider: %j becomes %s", (providerCode, code) => {
    expect(declineCodeOf(providerCode)).toBe(code);
  });
});
