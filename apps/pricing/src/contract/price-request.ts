import { invalid, violation } from "@kontor/errors";
import type { Customer as CustomerMessage, PriceLine } from "@kontor/shop/contracts/pricing/v1/price";
import type { PriceLinesRequest } from "@kontor/shop/contracts/pricing/v1/pricing_service";
import type { Customer, Line, PriceRequest } from "../domain/request.ts";

/** Returns what a request asks for. Throws INVALID_REQUEST for shipping in another currency. */
export function priceRequestOf(message: PriceLinesRequest): PriceRequest {
  const { currency, destination, channel, orderId } = message;
  const shipping = message.shipping?.price;
  if (shipping !== undefined && shipping.currency !== currency)
    throw invalid([violation("shipping.price.currency", "MISMATCH", { expected: currency })], "pricing.shop");
  return {
    currency,
    ...(destination && { destination }),
    customer: customerOf(message.customer),
    ...(channel !== "" && { channel }),
    codes: message.couponCodes,
    lines: message.lines.map((line) => lineOf(line, currency)),
    ...(shipping && { shipping: shipping.minor }),
    ...(orderId !== "" && { orderId }),
  };
}

/** Returns the customer of a message; of a guest of whom nothing is known, if there is none. */
export function customerOf(message: CustomerMessage | undefined): Customer {
  const { userId = "", email = "", groups = [], firstOrder, vatId = "" } = message ?? {};
  return {
    ...(userId !== "" && { userId }),
    ...(email !== "" && { email }),
    groups,
    ...(firstOrder !== undefined && { firstOrder }),
    ...(vatId !== "" && { vatId }),
  };
}

function lineOf({ unitPrice, taxCategoryId, ...line }: PriceLine, currency: string): Line {
  const { id, productId, sku, categoryIds, quantity } = line;
  return {
    ...{ id, productId, sku, categoryIds, quantity },
    ...(taxCategoryId !== "" && { taxCategoryId }),
    ...(unitPrice?.currency === currency && { unitPrice: unitPrice.minor }),
  };
}
