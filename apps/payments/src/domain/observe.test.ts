import { describe, expect, it } from "vitest";
import { aPayment, aProviderPayment } from "../../test/builders.ts";
import { observe } from "./observe.ts";
import type { Payment } from "./payment.ts";
import type { ProviderPayment } from "./provider-payment.ts";

const at = new Date("2026-01-02T00:00:00Z");
const states = {
  pending: aProviderPayment({ status: "pending" }),
  challenged: aProviderPayment({ status: "requires_action", actionUrl: "https://bank.test" }),
  authorised: aProviderPayment(),
  captured: aProviderPayment({ status: "captured", captured: 1000n }),
  partlyRefunded: aProviderPayment({ status: "captured", captured: 1000n, refunded: 300n }),
  refunded: aProviderPayment({ status: "refunded", captured: 1000n, refunded: 1000n }),
};
const declined = aProviderPayment({ status: "declined", declineCode: "card_declined" });
const voided = aProviderPayment({ status: "voided" });

/** Returns a payment after these provider states, in order. */
function hear(payment: Payment, ...said: readonly ProviderPayment[]) {
  const events: string[] = [];
  const net = new Map<string, bigint>();
  let current = payment;
  for (const seen of said) {
    const change = observe(current, seen, at);
    current = change.payment;
    events.push(...change.events.map(({ type }) => type));
    for (const { debit, amount } of change.bookings) net.set(debit, (net.get(debit) ?? 0n) + amount);
  }
  return { payment: current, events, net };
}

describe("observing the provider", () => {
  it("follows a payment through its life", () => {
    const { payment, events, net } = hear(aPayment(), ...Object.values(states));
    expect(payment).toMatchObject({ status: "refunded", captured: 1000n, refunded: 1000n, providerReference: "pay_1" });
    expect(events).toEqual(["action-required", "authorised", "captured", "refunded", "refunded"]);
    expect(Object.fromEntries(net)).toEqual({ "provider-receivable": 1000n, "customer-orders": 1000n });
  });

  it("ends the same in every order, and books the same", () => {
    for (const order of permutations([states.authorised, states.captured, states.partlyRefunded, states.refunded])) {
      const { payment, events, net } = hear(aPayment(), ...order);
      expect(payment).toMatchObject({ status: "refunded", captured: 1000n, refunded: 1000n });
      expect(events.filter((type) => type !== "refunded")).toEqual(["authorised", "captured"]);
      expect(Object.fromEntries(net)).toEqual({ "provider-receivable": 1000n, "customer-orders": 1000n });
    }
  });

  it.each(Object.values({ ...states, declined, voided }))("changes nothing when $status is repeated", (seen) => {
    const once = observe(aPayment(), seen, at).payment;
    expect(observe(once, seen, at)).toEqual({ payment: once, events: [], bookings: [] });
  });

  it("takes a decline as final, and a void", () => {
    expect(hear(aPayment(), declined, states.authorised).events).toEqual(["declined"]);
    expect(hear(aPayment(), declined).payment).toMatchObject({ declineCode: "card_declined" });
    expect(hear(aPayment(), states.authorised, voided, states.authorised).events).toEqual(["authorised", "voided"]);
  });

  it("is not moved back by a late decline or void", () => {
    expect(hear(aPayment(), states.authorised, declined).payment.status).toBe("authorised");
    expect(hear(aPayment(), states.captured, voided).payment.status).toBe("captured");
  });

  it("drops the address of the confirmation once that is done", () => {
    expect(hear(aPayment(), states.challenged).payment.actionUrl).toBe("https://bank.test");
    expect(hear(aPayment(), states.challenged, states.authorised).payment.actionUrl).toBeUndefined();
  });

  it("releases a hold that appeared after the payment was closed", () => {
    const closed = aPayment({ status: "voided" });
    const change = observe(closed, states.authorised, at);
    expect(change).toMatchObject({ payment: { status: "voided", providerReference: "pay_1" }, liftHold: true });
    expect(change.events).toEqual([]);
    expect(observe(change.payment, states.authorised, at).liftHold).toBeUndefined();
    expect(observe(closed, declined, at).liftHold).toBe(false);
  });

  it.each([
    ["another amount", aPayment(), aProviderPayment({ amount: 999n })],
    ["another currency", aPayment(), aProviderPayment({ currency: "USD" })],
    ["another payment", aPayment({ providerReference: "pay_0" }), aProviderPayment()],
    ["money taken after a void", aPayment({ status: "voided" }), states.captured],
    ["more given back than taken", aPayment(), aProviderPayment({ captured: 1n, refunded: 2n })],
  ])("refuses to believe %s", (_, payment, seen) => {
    expect(() => observe(payment, seen, at)).toThrow(expect.objectContaining({ reason: "PROVIDER_CONTRADICTS" }));
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, n) => permutations(items.toSpliced(n, 1)).map((rest) => [item, ...rest]));
}
