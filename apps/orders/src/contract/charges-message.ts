import { present } from "@kontor/text";
import { type Charges, discountTotal, type PartCharges, type Tax, taxTotal } from "../domain/charges.ts";

/** Returns discounts and taxes as the contract shows them. `shippingKnown` is false while shipping has no price. */
export function chargesMessage(charges: Charges, currency: string, shippingKnown = true) {
  const amount = (minor: bigint) => ({ currency, minor });
  return {
    discountTotal: amount(discountTotal(charges)),
    discounts: charges.discounts.map(({ promotionId, title, code, amount: minor }) => {
      return { promotionId, title, ...present({ code }), amount: amount(minor) };
    }),
    taxTotal: amount(taxTotal(charges)),
    taxes: charges.taxes.map((tax) => taxMessage(tax, currency)),
    taxIncluded: charges.taxIncluded,
    ...(shippingKnown && { shipping: partMessage(charges.shipping, currency) }),
  };
}

/** Returns discount and tax of a line or of shipping as the contract shows them. */
export function partMessage({ discount, net, gross, taxes, reason }: PartCharges, currency: string) {
  const amount = (minor: bigint) => ({ currency, minor });
  return {
    ...{ discount: amount(discount), net: amount(net), gross: amount(gross) },
    taxes: taxes.map((tax) => taxMessage(tax, currency)),
    ...present({ priceReason: reason }),
  };
}

function taxMessage({ name, rate, net, amount }: Tax, currency: string) {
  return { ...present({ name }), rate, net: { currency, minor: net }, amount: { currency, minor: amount } };
}
