import type { OrderFacts, OrderTemplate, Story } from "../domain/story.ts";
import type { Recipient } from "../ports.ts";

const eur = (minor: string) => ({ currency: "EUR", minor });

export function aRecipient(overrides: Partial<Recipient> = {}): Recipient {
  return { userId: "U-1", email: "ada@example.com", displayName: "Ada", locale: "en", ...overrides };
}

export function anOrderStory(template: OrderTemplate, overrides: Partial<OrderFacts> = {}): Story {
  return {
    template,
    facts: {
      orderId: "O-1",
      lines: [{ title: "Mug", sku: "MUG-1", quantity: "2", price: eur("61728") }],
      ...{ itemsTotal: eur("123456"), shippingTotal: eur("490"), total: eur("123946") },
      address: {
        ...{ recipient: "Ada L.", line1: "Ring 1", line2: "", city: "Berlin", postalCode: "10115", region: "" },
        country: "DE",
      },
      ...{ trackingNumber: "TRACK-7", reason: "PAYMENT_DECLINED" },
      ...overrides,
    },
  };
}

export function aRefundStory(orderNumber?: string): Story {
  const facts = { orderId: "O-1", amount: eur("123946"), ...(orderNumber !== undefined && { orderNumber }) };
  return { template: "payment-refunded", facts };
}
