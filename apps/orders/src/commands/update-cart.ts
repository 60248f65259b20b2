import { invalid, violation } from "@kontor/errors";
import { parseMailAddress } from "@kontor/text";
import type { Users } from "../callees.ts";
import { type Cart, type CartAddress, type Choices, choose } from "../domain/cart.ts";
import { holdsCardNumber, type PricedCart } from "../domain/priced-cart.ts";
import type { Shopper } from "../queries/find-cart.ts";
import { type CartDeps, changeCart } from "./change-cart.ts";

/** What a shopper chooses. What is absent stays as it is. */
export type CartUpdate = { readonly [K in keyof Choices]?: Choices[K] | undefined } & {
  /** An address of the user, in place of `shippingAddress`. */
  readonly shippingAddressId?: string | undefined;
};

const DOMAIN = "orders.shop";

/** Makes the choices of a cart. Throws INVALID_REQUEST, also for an address that the user does not have. */
export function updateCart(deps: CartDeps & { readonly users: Users }) {
  const change = changeCart(deps);

  return async (cart: Cart, update: CartUpdate, shopper: Shopper, signal?: AbortSignal): Promise<PricedCart> => {
    const { shippingAddressId, ...choices } = update;
    const email = choices.email === undefined ? undefined : parseMailAddress(choices.email)?.address;
    if (choices.email !== undefined && email === undefined) throw invalid([violation("email", "NOT_AN_EMAIL")], DOMAIN);
    const shippingAddress =
      shippingAddressId === undefined ? choices.shippingAddress : await addressOf(shippingAddressId, shopper, choices);
    const at = deps.now();
    const chosen = { ...choices, email, shippingAddress };
    return change(cart, (current) => choose(current, chosen, at), { ...(signal && { signal }) });
  };

  async function addressOf(id: string, { userId }: Shopper, { shippingAddress }: CartUpdate): Promise<CartAddress> {
    if (shippingAddress !== undefined)
      throw invalid(
        [violation("shippingAddressId", "ONE_REQUIRED", { fields: ["shippingAddress", "shippingAddressId"] })],
        DOMAIN,
      );
    const found = userId === undefined ? undefined : await deps.users.resolveAddress(userId, id);
    if (found === undefined) throw invalid([violation("shippingAddressId", "NOT_FOUND", { id })], DOMAIN);
    if (holdsCardNumber(found)) throw invalid([violation("shippingAddressId", "CARD_NUMBER")], DOMAIN);
    const { id: _, ...address } = found;
    return address;
  }
}
