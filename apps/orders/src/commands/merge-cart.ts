import { type Cart, changed } from "../domain/cart.ts";
import { mergeInto } from "../domain/cart-merge.ts";
import { orderErrors } from "../domain/errors.ts";
import type { PricedCart } from "../domain/priced-cart.ts";
import { type CartDeps, openCart, remembered } from "./change-cart.ts";

const ATTEMPTS = 5;

/**
 * Merges a guest's cart into the open cart of a user. One transaction marks the one and changes the other, so that a repeated merge
 * changes nothing. A guest's cart that is an order adds nothing. Throws CART_NOT_FOUND for a cart of another user, also if it was a
 * guest's before.
 */
export function mergeCart(deps: CartDeps) {
  const { carts, now } = deps;
  const open = openCart(deps);

  return async (guestCartId: string, userId: string): Promise<PricedCart> => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const guest = await deps.findCart(guestCartId, { userId });
      if (guest === undefined) throw orderErrors.CART_NOT_FOUND();
      if (guest.mergedInto !== undefined) await checkOwner(guest.mergedInto, userId);
      const mine = await open("mine", { userId });
      const isPlain = guest.userId === undefined && guest.mergedInto === undefined && guest.orderId === undefined;
      if (!isPlain) return deps.priceCart(mine);
      const merged = await merge(guest, mine);
      if (merged !== undefined) return remembered(deps, await deps.priceCart(merged));
    }
    throw orderErrors.CART_BUSY();
  };

  /** Throws CART_NOT_FOUND if a guest's cart was merged into the cart of another user. */
  async function checkOwner(cartId: string, userId: string): Promise<void> {
    const cart = await carts.find(cartId);
    if (cart?.userId !== userId) throw orderErrors.CART_NOT_FOUND();
  }

  /** Returns the cart of the user after it; undefined if one of the carts was merged or ordered meanwhile. */
  async function merge({ id }: Cart, { id: mineId }: Cart): Promise<Cart | undefined> {
    let after: Cart | undefined;
    await carts.change([id, mineId], (found) => {
      const [guest, mine] = [found.get(id), found.get(mineId)];
      after = undefined;
      if (guest === undefined || mine === undefined || isClosed(guest) || isClosed(mine)) return [];
      const at = now();
      after = changed(mine, mergeInto(mine, guest), at);
      return [after, { ...guest, mergedInto: mineId, version: guest.version + 1, updatedAt: at }];
    });
    return after;
  }
}

function isClosed({ mergedInto, orderId }: Cart): boolean {
  return mergedInto !== undefined || orderId !== undefined;
}
