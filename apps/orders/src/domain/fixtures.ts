import { money } from "@kontor/money";
import { apply, type Line, type Order, type OrderEvent, type Placement } from "./order.ts";
import type { OrderRequest, Quote } from "./place.ts";

export const at = new Date("2026-11-21T10:00:00Z");

export function aLine(overrides: Partial<Line> = {}): Line {
  return { productId: "P-101", sku: "P-101", title: "Mug", quantity: 2, price: 1200n, ...overrides };
}

export function aPlacement(overrides: Partial<Placement> = {}): Placement {
  const address = { id: "ADDR-55", recipient: "Ada", line1: "Weg 1", line2: "", city: "Berlin", postalCode: "10115" };
  return {
    orderId: "o-1",
    userId: "u-1",
    lines: [aLine()],
    itemsTotal: money("EUR", 2400n),
    shippingTotal: money("EUR", 490n),
    total: money("EUR", 2890n),
    weightGrams: 600,
    address: { ...address, region: "", country: "DE" },
    shippingMethod: "standard",
    paymentMethod: "card",
    ...overrides,
  };
}

/** A placement with all facts that one may have. */
export function aGuestPlacement(): Required<Omit<Placement, "number">> {
  const tax = { name: "VAT", rate: "19", net: 2014n, amount: 383n };
  const part = {
    discount: 493n,
    net: 1602n,
    taxes: [{ ...tax, net: 1602n, amount: 305n }],
    gross: 1907n,
    reason: "Wholesale",
  };
  const shipping = { discount: 0n, net: 412n, taxes: [{ ...tax, net: 412n, amount: 78n }], gross: 490n, reason: "" };
  const placement = aPlacement({ userId: "guest:o-1", total: money("EUR", 2397n) });
  return {
    ...placement,
    charges: {
      ...{ taxIncluded: true, taxes: [tax], lines: [part], shipping },
      discounts: [{ promotionId: "summer", title: "Summer", code: "SUMMER-10", amount: 493n }],
      uses: [{ promotionId: "summer", code: "SUMMER-10" }],
    },
    billingAddress: { ...placement.address, recipient: "Ada Ltd" },
    ...{ note: "Ring twice.", email: "ada@example.com", emailKey: "ada@example.com", locale: "de" },
  };
}

/** The order after `placed` and these events. */
export function anOrder(...events: readonly OrderEvent[]): Order {
  const placed = apply(undefined, { type: "placed", ...aPlacement(), at });
  return events.reduce<Order>(apply, placed);
}

export function anOrderRequest(overrides: Partial<OrderRequest> = {}): OrderRequest {
  const items = [{ productId: "P-101", sku: "", quantity: 2, price: 1200n }];
  return {
    ...{ userId: "u-1", items, shippingAddressId: "ADDR-55", shippingMethod: "standard", paymentMethod: "card" },
    ...overrides,
  };
}

export function aQuote(overrides: Partial<Quote> = {}): Quote {
  const unitPrice = money("EUR", 1200n);
  const rules = { categoryIds: [], taxCategory: "" };
  return { productId: "P-101", sku: "P-101", title: "Mug", unitPrice, weightGrams: 300, ...rules, ...overrides };
}
