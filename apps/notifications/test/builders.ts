import type { RefundFacts, Story } from "../src/domain/story.ts";
import type { Recipient } from "../src/ports.ts";

/** Returns the recipient `u-1`. */
export function aRecipient(overrides: Partial<Recipient> = {}): Recipient {
  return { userId: "u-1", email: "ada@x.example", displayName: "Ada", locale: "en", ...overrides };
}

/** Returns the story of a refund for the order `o-1`. */
export function aRefund(overrides: Partial<RefundFacts> = {}): Story {
  const amount = { currency: "EUR", minor: "490" };
  return { template: "payment-refunded", facts: { orderId: "o-1", amount, ...overrides } };
}
