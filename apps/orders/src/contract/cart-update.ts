import type { CartAddress as AddressMessage } from "@kontor/shop/contracts/orders/v1/cart";
import type { UpdateCartRequest } from "@kontor/shop/contracts/orders/v1/cart_service";
import { readText } from "@kontor/text";
import type { CartUpdate } from "../commands/update-cart.ts";
import type { CartAddress } from "../domain/cart.ts";

/** Returns the choices of a request. */
export function cartUpdateOf(request: UpdateCartRequest): CartUpdate {
  const { shippingAddress, billingAddress, shippingAddressId, shippingMethod, email, note } = request;
  return {
    shippingAddress: shippingAddress && addressOf(shippingAddress),
    billingAddress: billingAddress && addressOf(billingAddress),
    ...{ shippingAddressId, shippingMethod, email },
    note: note === undefined ? undefined : readText(note),
  };
}

function addressOf({ recipient, line1, line2, city, postalCode, region, country }: AddressMessage): CartAddress {
  const read = (text = "") => readText(text);
  return {
    ...{ recipient: read(recipient), line1: read(line1), line2: read(line2), city: read(city) },
    ...{ postalCode: read(postalCode), region: read(region), country: read(country) },
  };
}
