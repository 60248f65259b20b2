import { LANGUAGES, type Language } from "@kontor/errors";
import { type CallContext, type Implementation, implement } from "@kontor/rpc";
import type { Cart as CartMessage } from "@kontor/shop/contracts/orders/v1/cart";
import { CartService } from "@kontor/shop/contracts/orders/v1/cart_service";
import { preferredLanguage } from "@kontor/text/language";
import type { addToCart } from "../commands/add-to-cart.ts";
import type { changeCart, createCart, openCart } from "../commands/change-cart.ts";
import type { checkoutCart } from "../commands/checkout-cart.ts";
import type { mergeCart } from "../commands/merge-cart.ts";
import type { priceCart } from "../commands/price-cart.ts";
import type { updateCart } from "../commands/update-cart.ts";
import { cartUpdateOf } from "../contract/cart-update.ts";
import { orderMessage } from "../contract/order-message.ts";
import { addCode, type Cart, changeLine, checkMerged, removeCode, removeLine } from "../domain/cart.ts";
import type { PricedCart } from "../domain/priced-cart.ts";
import type { Shopper } from "../queries/find-cart.ts";

type Deps = {
  readonly createCart: ReturnType<typeof createCart>;
  readonly openCart: ReturnType<typeof openCart>;
  readonly priceCart: ReturnType<typeof priceCart>;
  readonly changeCart: ReturnType<typeof changeCart>;
  readonly addToCart: ReturnType<typeof addToCart>;
  readonly updateCart: ReturnType<typeof updateCart>;
  readonly mergeCart: ReturnType<typeof mergeCart>;
  readonly checkoutCart: ReturnType<typeof checkoutCart>;
  readonly message: (cart: PricedCart, language: Language) => CartMessage;
};

/** CartService over gRPC. */
export function cartService(app: Deps): Implementation {
  const answer = (cart: PricedCart, ctx: CallContext) => ({ cart: app.message(cart, languageOf(ctx)) });
  const cartOf = async (cartId: string, ctx: CallContext) => app.openCart(cartId, shopperOf(ctx));

  return implement(CartService, {
    async createCart({ currency }, ctx) {
      return answer(await app.priceCart(await app.createCart(shopperOf(ctx), currency)), ctx);
    },
    async getCart({ cartId }, ctx) {
      const cart = await cartOf(cartId, ctx);
      checkMerged(cart);
      return answer(await app.priceCart(cart), ctx);
    },
    async updateCart(request, ctx) {
      const cart = await cartOf(request.cartId, ctx);
      return answer(await app.updateCart(cart, cartUpdateOf(request), shopperOf(ctx), ctx.signal), ctx);
    },
    async addCartLine({ cartId, productId, sku = "", quantity }, ctx) {
      const cart = await cartOf(cartId, ctx);
      return answer(await app.addToCart(cart, { productId, sku, quantity }, ctx.signal), ctx);
    },
    async changeCartLine({ cartId, sku, quantity }, ctx) {
      const cart = await cartOf(cartId, ctx);
      const change = (current: Cart) => changeLine(current, sku, quantity);
      return answer(await app.changeCart(cart, change, { signal: ctx.signal }), ctx);
    },
    async removeCartLine({ cartId, sku }, ctx) {
      const cart = await cartOf(cartId, ctx);
      return answer(await app.changeCart(cart, (current) => removeLine(current, sku), { signal: ctx.signal }), ctx);
    },
    async addCartCoupon({ cartId, code }, ctx) {
      const cart = await cartOf(cartId, ctx);
      return answer(await app.changeCart(cart, (current) => addCode(current, code), { signal: ctx.signal }), ctx);
    },
    async removeCartCoupon({ cartId, code }, ctx) {
      const cart = await cartOf(cartId, ctx);
      return answer(await app.changeCart(cart, (current) => removeCode(current, code), { signal: ctx.signal }), ctx);
    },
    async mergeCart({ cartId }, ctx) {
      return answer(await app.mergeCart(cartId, ctx.principal?.subject ?? ""), ctx);
    },
    async checkoutCart({ cartId, version, paymentMethod, idempotencyKey: key }, ctx) {
      const locale = languageOf(ctx);
      const { order, token, replayed } = await app.checkoutCart({
        ...{ cartId, version, paymentMethod, key, locale, call: ctx, shopper: shopperOf(ctx) },
        validate: () => ctx.validate(),
      });
      if (replayed) ctx.setHeader("idempotent-replayed", "true");
      return { order: orderMessage(order, locale), ...(token !== undefined && { orderToken: token }) };
    },
  });
}

function shopperOf({ principal }: CallContext): Shopper {
  return { userId: principal?.subject };
}

/** The language that the sentences of a response are in, as the request of the client accepts it. */
function languageOf({ metadata }: CallContext): Language {
  return preferredLanguage(metadata.get("accept-language"), LANGUAGES);
}
