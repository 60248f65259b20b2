import { randomBytes } from "node:crypto";
import type { RowQueue } from "@kontor/postgres";
import { type Cart, changed, checkOpen, newCart } from "../domain/cart.ts";
import { orderErrors } from "../domain/errors.ts";
import type { Quote } from "../domain/place.ts";
import type { PricedCart } from "../domain/priced-cart.ts";
import type { Carts } from "../ports.ts";
import type { findCart, Shopper } from "../queries/find-cart.ts";
import type { priceCart } from "./price-cart.ts";

/** What carts are changed with. */
export type CartDeps = {
  readonly carts: Carts;
  readonly findCart: ReturnType<typeof findCart>;
  readonly priceCart: ReturnType<typeof priceCart>;
  readonly now: () => Date;
  /** Of calls that lock a cart. */
  readonly queue: RowQueue;
};

/** Bytes of a cart's id, which is a credential. */
const ID_BYTES = 24;

/** Creates an empty cart, or returns the open cart of the user. */
export function createCart({ carts, now }: Pick<CartDeps, "carts" | "now">) {
  return ({ userId }: Shopper, currency = ""): Promise<Cart> => {
    const id = randomBytes(ID_BYTES).toString("base64url");
    return carts.create(newCart({ id, userId, currency }, now()));
  };
}

/** Returns the cart that a shopper names. `mine` of a user without an open cart is made. */
export function openCart(deps: CartDeps) {
  const create = createCart(deps);
  return async (named: string, shopper: Shopper): Promise<Cart> =>
    (await deps.findCart(named, shopper)) ?? create(shopper);
}

/**
 * Changes a cart by a function of what it is then, and returns it priced. Concurrent changes of one cart run one after the other. The
 * unit prices of the response are remembered as seen. Throws CART_NOT_FOUND, CART_MERGED or CART_ORDERED.
 */
export function changeCart(deps: CartDeps) {
  const { carts, now, queue } = deps;
  return async (
    { id }: Pick<Cart, "id">,
    change: (cart: Cart) => Cart,
    { signal, quoted }: { readonly signal?: AbortSignal; readonly quoted?: ReadonlyMap<string, Quote> } = {},
  ): Promise<PricedCart> => {
    let after: Cart | undefined;
    const work = () =>
      carts.change([id], (found) => {
        const cart = found.get(id);
        if (cart === undefined) throw orderErrors.CART_NOT_FOUND();
        checkOpen(cart);
        after = changed(cart, change(cart), now());
        return after === cart ? [] : [after];
      });
    await queue.run(id, work, signal);
    if (after === undefined) throw orderErrors.CART_NOT_FOUND();
    return remembered(deps, await deps.priceCart(after, quoted));
  };
}

/** Remembers the prices that a response shows, where they are others than those that were seen. */
export async function remembered({ carts }: Pick<CartDeps, "carts">, priced: PricedCart): Promise<PricedCart> {
  const shown = priced.orderable.map(({ sku, price }) => [sku, price] as const);
  const seen = new Map(priced.cart.lines.map((line) => [line.sku, line.seen]));
  if (shown.some(([sku, price]) => seen.get(sku) !== price)) await carts.remember(priced.cart, new Map(shown));
  return priced;
}
