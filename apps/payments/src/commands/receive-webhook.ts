import type { SignedMessage } from "@kontor/webhooks";
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

/** Hears from a provider: twice, late, out of order. What is not about a payment of ours is kept and accepted. */
export const receiveWebhook =
  ({ payments, webhooks, provider, readers, now, onUnmatched }: Deps) =>
  async (providerName: string, message: SignedMessage): Promise<void> => {
    const read = readers.get(providerName);
    if (!read) throw paymentErrors.PROVIDER_UNKNOWN({ provider: providerName });
    const event = read(message, now());

    const payment = await payments.byOrder(event.payment.reference);
    if (!payment) return keep(event, "the order has no payment");
    const inDoubt = difference(payment, event.payment) !== undefined;
    const seen = inDoubt ? await provider.payment(event.payment.id) : event.payment;
    const differs = difference(payment, seen);
    if (differs) return keep(event, differs);
    await payments.update(payment, (current) => observe(current, seen, now()), { webhook: event });

    async function keep(unmatched: ProviderEvent, why: string): Promise<void> {
      await webhooks.keepUnmatched(unmatched);
      onUnmatched(unmatched, why);
    }
  };
