import type { Payment } from "../src/domain/payment.ts";
import type { ProviderPayment } from "../src/domain/provider-payment.ts";

const at = new Date("2026-01-01T00:00:00Z");

export function aPayment(overrides: Partial<Payment> = {}): Payment {
  return {
    ...{ id: "P-1", version: 1, orderId: "O-1", userId: "U-1", status: "pending", method: "card" },
    ...{ amount: 1000n, currency: "EUR", captured: 0n, refunded: 0n, createdAt: at, updatedAt: at },
    ...overrides,
  };
}

export function aProviderPayment(overrides: Partial<ProviderPayment> = {}): ProviderPayment {
  return {
    ...{ id: "pay_1", reference: "O-1", status: "authorised", amount: 1000n, currency: "EUR" },
    ...{ captured: 0n, refunded: 0n },
    ...overrides,
  };
}
