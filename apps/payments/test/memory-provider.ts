import { paymentErrors } from "../src/domain/errors.ts";
import type { ProviderPayment } from "../src/domain/provider-payment.ts";
import type { CardProvider } from "../src/ports.ts";

type Call = "authorise" | "capture" | "void" | "refund";

/** A card provider in memory, which does what a test says. Each key is one effect. */
export interface MemoryProvider extends CardProvider {
  /** The requests that had an effect, as `kind key`. */
  readonly effects: string[];
  /** How calls of a kind end, the next one first: without a response after their effect or before it, or refused. */
  readonly endings: Record<Call, ("lost" | "away" | "refused")[]>;
  readonly payments: Map<string, ProviderPayment>;
  /** The status of the next authorisation. */
  next: Pick<ProviderPayment, "status" | "declineCode" | "actionUrl">;
}

/** Creates a provider that accepts all requests. */
export function createMemoryProvider(): MemoryProvider {
  const outcomes = new Map<string, string>();
  const payments = new Map<string, ProviderPayment>();
  const effects: string[] = [];
  const endings: MemoryProvider["endings"] = { authorise: [], capture: [], void: [], refund: [] };

  function existing(id: string): ProviderPayment {
    const payment = payments.get(id);
    if (payment === undefined) throw paymentErrors.PAYMENT_FORGOTTEN();
    return payment;
  }

  async function respond(call: Call, key: string, effect: () => ProviderPayment): Promise<ProviderPayment> {
    const ending = endings[call].shift();
    if (ending === "away") throw paymentErrors.PAYMENT_OUTCOME_UNKNOWN();
    if (ending === "refused") throw paymentErrors.PROVIDER_REFUSED({ code: "not_now" });
    if (!outcomes.has(key)) {
      const payment = effect();
      payments.set(payment.id, payment);
      outcomes.set(key, payment.id);
      effects.push(`${call} ${key}`);
    }
    if (ending === "lost") throw paymentErrors.PAYMENT_OUTCOME_UNKNOWN();
    return existing(outcomes.get(key) ?? "");
  }

  const provider: MemoryProvider = {
    ...{ effects, endings, payments },
    next: { status: "authorised" },
    authorise: (key, { orderId: reference, amount, currency }) =>
      respond("authorise", key, () => {
        return {
          id: `pay_${payments.size + 1}`,
          reference,
          amount,
          currency,
          captured: 0n,
          refunded: 0n,
          ...provider.next,
        };
      }),
    capture: (key, id, amount) =>
      respond("capture", key, () => ({ ...existing(id), status: "captured", captured: amount })),
    void: (key, id) => respond("void", key, () => ({ ...existing(id), status: "voided" })),
    refund: (key, id, amount) =>
      respond("refund", key, () => {
        const before = existing(id);
        const refunded = before.refunded + amount;
        return { ...before, refunded, status: refunded === before.captured ? "refunded" : before.status };
      }),
    outcomeOf: async (key) => payments.get(outcomes.get(key) ?? ""),
    payment: async (id) => existing(id),
  };
  return provider;
}
