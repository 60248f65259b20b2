import { OrderEndReason } from "@kontor/shop/contracts/orders/v1/order";
import { PaymentDeclineCode } from "@kontor/shop/contracts/payments/v1/payment";
import { describe, expect, it } from "vitest";
import { declineCodes, endReasons } from "../domain/end-reason.ts";
import { anOrderStory, aRecipient } from "./fixtures.ts";
import { languages, wordsOf } from "./words.ts";
import { writeMail } from "./write-mail.ts";

const write = writeMail({ shop: "Kontor", domain: "kontor.example" });
const locales = [...languages.keys()];

function bodyOf(
  template: "order-rejected" | "order-cancelled",
  reason: string,
  locale: string,
  declineCode = "",
): string {
  const { text, html } = write({
    ...{ id: "N-1", send: 1, recipient: aRecipient({ locale }) },
    story: anOrderStory(template, { reason, declineCode }),
  });
  return text + html;
}

describe("the reasons an order can end with", () => {
  it("are those of the contract", () => {
    const names = Object.values(OrderEndReason).filter((name) => typeof name === "string" && name !== "UNSPECIFIED");
    expect([...endReasons]).toEqual(names);
  });

  it.each(locales)("have their own words in %s, which the mail contains", (locale) => {
    const { reasons } = wordsOf(locale);
    const words = endReasons.map((reason) => reasons[reason]);
    expect(new Set(words).size).toBe(endReasons.length);
    for (const reason of endReasons) {
      expect(reasons[reason]).not.toMatch(/[A-Z]_|undefined|^$/);
      expect(bodyOf("order-rejected", reason, locale)).toContain(reasons[reason]);
    }
  });

  it("differ between the languages", () => {
    for (const reason of endReasons)
      expect(new Set(locales.map((locale) => wordsOf(locale).reasons[reason])).size).toBe(locales.length);
  });
});

describe("the codes that a payment can be declined with", () => {
  it("are those of the contract", () => {
    const names = Object.values(PaymentDeclineCode).filter(
      (name) => typeof name === "string" && name !== "UNSPECIFIED",
    );
    expect(declineCodes.map((code) => code.toUpperCase())).toEqual(names);
  });

  it.each(locales)("have their own words in %s, which the mail contains", (locale) => {
    const { declines } = wordsOf(locale);
    expect(new Set(declineCodes.map((code) => declines[code])).size).toBe(declineCodes.length);
    for (const code of declineCodes)
      expect(bodyOf("order-rejected", "PAYMENT_DECLINED", locale, code)).toContain(declines[code]);
  });

  it.each(["do_not_honour", "toString", ""])("are never quoted if they are unknown: %j", (code) => {
    const body = bodyOf("order-rejected", "PAYMENT_DECLINED", "en", code);
    expect(body).toContain("The payment was declined.");
    if (code !== "") expect(body).not.toContain(code);
  });
});

describe("the mail about a cancelled order", () => {
  it("names the party that cancelled it", () => {
    expect(bodyOf("order-cancelled", "CANCELLED_BY_CUSTOMER", "en")).toContain("You asked us to cancel it.");
    expect(bodyOf("order-cancelled", "CANCELLED_BY_SHOP", "en")).toContain("The shop has cancelled it.");
    expect(bodyOf("order-cancelled", "CANCELLED_BY_SHOP", "de")).toContain("Der Shop hat sie storniert.");
    expect(bodyOf("order-cancelled", "CANCELLED_BY_SHOP", "en")).not.toContain("You asked");
  });
});

describe("a reason that the contract does not list", () => {
  it.each(["CIRCUIT_OPEN", "toString", "__proto__", "", "Gave up after 8 attempts."])(
    "is never quoted: %j",
    (reason) => {
      for (const locale of locales) {
        const rejected = bodyOf("order-rejected", reason, locale);
        expect(rejected).toContain(wordsOf(locale).reasons.CHECKOUT_FAILED);
        if (reason !== "") expect(rejected).not.toContain(reason);
        expect(bodyOf("order-cancelled", reason, locale)).not.toContain(wordsOf(locale).reason);
      }
    },
  );
});
