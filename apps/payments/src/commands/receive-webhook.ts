import { handleEach, type SignedMessage } from "@kontor/webhooks";
import { paymentErrors } from "../domain/errors.ts";
import { difference, observe } from "../domain/observe.ts";
import type { CardProvider, Now, Payments, ProviderEvent, ReadWebhook, Webhooks } from "../ports.ts";

interface Deps {
  readonly payments: Payments;
  readonly webhooks: Webhooks;
  readonly provider: CardProvider;
  readonly readers: ReadonlyMap<string, ReadWebhook>;
  readonly now: Now;
  readonly onUnmatched: (event: ProviderEvent, why: string) => void;
}

/**
 * Receives events of a provider: repeated, late, in any order, several in one webhook. An event that is not about a payment of the shop is
 * stored and accepted.
 */
export function receiveWebhook({ payments, webhooks, provider, readers, now, onUnmatched }: Deps) {
  return async (providerName: string, message: SignedMessage): Promise<void> => {
    const read = readers.get(providerName);
    if (!read) throw paymentErrors.PROVIDER_UNKNOWN({ provider: providerName });
    await handleEach(read(message, now()), (event) => event.payment.reference, receive);
  };

  async function receive(event: ProviderEvent): Promise<void> {
    const payment = await payments.byOrder(event.payment.reference);
    if (!payment) return store(event, "the order has no payment");
    const inDoubt = difference(payment, event.payment) !== undefined;
    const known = inDoubt ? await provider.payment(event.payment.id) : event.payment;
    const differs = difference(payment, known);
    if (differs) return store(event, differs);
    await payments.update(payment, (current) => observe(current, known, now()), { webhook: event });
  }

  async function store(unmatched: ProviderEvent, why: string): Promise<void> {
    await webhooks.keepUnmatched(unmatched);
    onUnmatched(unmatched, why);
  }
}
