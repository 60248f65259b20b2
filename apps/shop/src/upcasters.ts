import { create } from "@bufbuild/protobuf";
import { MoneySchema } from "@kontor/contracts/money/v1/money";
import type { Order } from "@kontor/shop/contracts/orders/v1/order";
import type { PaymentRefunded } from "@kontor/shop/contracts/payments/v1/events";

/**
 * Raise events with an order. In version 1 the price of an item may be a number without its currency, which is that of the total. Before
 * version 3 there were no discounts and no tax: `charges` is absent, and the total is the sum of lines and shipping.
 */
export const orderUpcasters = {
  2: <E extends { order?: Order | undefined }>(event: E): E => event,
  1<E extends { order?: Order | undefined }>(event: E): E {
    const currency = event.order?.total?.currency ?? "";
    for (const item of event.order?.items ?? [])
      item.price ??= create(MoneySchema, { currency, minor: item.priceMinor });
    return event;
  },
};

/** Raise refunds. In version 1 amounts may be numbers without their currency, which is that of the payment. */
export const paymentRefundedUpcasters = {
  1(event: PaymentRefunded): PaymentRefunded {
    const { payment } = event;
    const currency = payment?.amount?.currency ?? "";
    event.amount ??= create(MoneySchema, { currency, minor: event.amountMinor });
    if (payment !== undefined) payment.refunded ??= create(MoneySchema, { currency, minor: payment.refundedMinor });
    return event;
  },
};
