import { LANGUAGES } from "@kontor/errors";
import { describe, expect, it } from "vitest";
import { orderMessage } from "../contract/order-message.ts";
import { declineDetail, endDetails } from "./end-reason.ts";
import { aPlacement } from "./fixtures.ts";
import { historyOf } from "./history.ts";
import { newOrder, type OrderEvent } from "./order.ts";

const at = new Date("2026-11-30T10:00:00Z");
const placed: OrderEvent = { type: "placed", at, ...aPlacement() };
const english = /\b(the|was|order|payment|parcel|cancel\w*|carrier|given|could|not)\b/i;
const events: readonly OrderEvent[] = [
  placed,
  { type: "stock-reserved", at },
  { type: "payment-action-required", at, actionUrl: "https://bank.example" },
  { type: "payment-authorised", at, paymentId: "p" },
  { type: "stock-committed", at },
  { type: "confirmed", at },
  { type: "dispatched", at, trackingNumber: "T-1" },
  { type: "shipped", at },
  { type: "completed", at },
  { type: "rejected", at, reason: "OUT_OF_STOCK", detail: "Only 2 units of P-1 are left." },
  { type: "rejected", at, reason: "PAYMENT_DECLINED", detail: declineDetail("card_expired") },
  { type: "cancellation-requested", at, by: "staff-1", reason: "" },
  { type: "cancellation-refused", at, detail: "The carrier already has the parcel." },
  { type: "cancelled", at, reason: "CANCELLED_BY_SHOP", detail: "Cancelled; the payment was refunded." },
  { type: "refunded", at, amount: 500n, refunded: 500n, actor: "service:orders", reason: "The order was cancelled." },
];

describe("the sentences about an order", () => {
  it.each(events.map((event) => [event.type, event] as const))("are German for German readers: %s", (_, event) => {
    const history = event === placed ? [placed] : [placed, event];
    const [german, inEnglish] = (["de", "en"] as const).map(
      (language) => historyOf(history, language).at(-1)?.description,
    );
    expect(german).not.toMatch(english);
    expect(inEnglish).not.toBe(german);
  });

  it.each(Object.entries(endDetails))(
    "give the reason of an order's end in every language: %s",
    (reason, reasonDetail) => {
      const order = { ...newOrder(aPlacement(), at), stage: "rejected" as const, reason, reasonDetail };
      const details = LANGUAGES.map((language) => orderMessage(order, language).reasonDetail);
      expect(new Set(details).size).toBe(LANGUAGES.length);
      expect(details[0]).toBe(reasonDetail);
      expect(details[1]).not.toMatch(english);
    },
  );

  it("write amounts as the language does", () => {
    const refunded = events.filter(({ type }) => type === "refunded");
    const inGerman = historyOf([placed, ...refunded], "de").at(-1)?.description;
    expect(inGerman?.replaceAll("\u00a0", " ")).toBe("5,00 € wurden erstattet: Die Bestellung wurde storniert.");
  });

  it("keep a person's text", () => {
    const asked: OrderEvent = { type: "cancellation-requested", at, by: "staff-1", reason: "Customer called." };
    expect(historyOf([placed, asked], "de").at(-1)?.description).toBe(
      "Der Shop hat die Stornierung verlangt: Customer called.",
    );
  });
});
