import { invalid, violation } from "@kontor/errors";
import type { Catalog } from "../callees.ts";
import { addLine, type Cart, MAX_LINES } from "../domain/cart.ts";
import { quoteViolations } from "../domain/place.ts";
import type { PricedCart } from "../domain/priced-cart.ts";
import { type CartDeps, changeCart } from "./change-cart.ts";

export type Addition = { readonly productId: string; readonly sku: string; readonly quantity: number };

/**
 * Adds units of a variant to a cart. The variants of the cart are quoted with it in one call, so that the response needs no second one. Throws
 * INVALID_REQUEST for a variant that is not on sale, and beyond the limits.
 */
export function addToCart(deps: CartDeps & { readonly catalog: Catalog }) {
  const change = changeCart(deps);
  return async (cart: Cart, { productId, sku, quantity }: Addition, signal?: AbortSignal): Promise<PricedCart> => {
    const together = cart.lines.length < MAX_LINES ? cart.lines : []; // A call quotes as many items as a cart has lines.
    const known = together.map((line) => ({ productId: line.productId, sku: line.sku }));
    const [added, ...quotes] = await deps.catalog.quote([{ productId, sku }, ...known]);
    if (added === undefined) throw new Error("The catalog quoted no item.");
    const wrong = quoteViolations(added, "");
    if (wrong.length > 0) throw invalid(wrong, "orders.shop");
    const { currency } = added.unitPrice;
    if (currency === "") throw invalid([violation("productId", "NOT_FOUND", { id: productId })], "orders.shop");
    const line = { productId: added.productId, sku: added.sku, title: added.title, quantity, currency };
    const quoted = new Map([...quotes, added].map((quote) => [quote.sku, quote]));
    return change(cart, (current) => addLine(current, line), { quoted, ...(signal && { signal }) });
  };
}
