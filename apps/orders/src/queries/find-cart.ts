import type { Cart } from "../domain/cart.ts";
import { orderErrors } from "../domain/errors.ts";
import type { Carts } from "../ports.ts";

/** Who names a cart: a user by token, or a guest, for whom the id of the cart is the credential. */
export type Shopper = { readonly userId: string | undefined };

/** Names the open cart of the user. */
const MINE = "mine";
const ID = /^[A-Za-z0-9_-]{32}$/;

/** Returns the cart that a shopper names, or undefined for `mine` of a user without an open cart. Throws CART_NOT_FOUND for carts of others. */
export function findCart({ carts }: { readonly carts: Pick<Carts, "find" | "openOf"> }) {
  return async (named: string, { userId }: Shopper): Promise<Cart | undefined> => {
    if (named === MINE && userId !== undefined) return carts.openOf(userId);
    const cart = ID.test(named) ? await carts.find(named) : undefined;
    if (cart === undefined || !mayUse(cart, userId)) throw orderErrors.CART_NOT_FOUND();
    return cart;
  };
}

/** Whether the id of a cart is a credential in the hands of this shopper, or the cart is theirs. */
export function mayUse({ userId: owner }: Pick<Cart, "userId">, userId: string | undefined): boolean {
  return owner === undefined || owner === userId;
}
