import { createHash } from "node:crypto";
import type { ErrorDetail } from "@kontor/errors";
import { type CallLimits, type Claim, type Idempotency, requestHash } from "@kontor/idempotency";
import { parseMailAddress } from "@kontor/text";
import { checkOpen, chosen, methodOf } from "../domain/cart.ts";
import { orderErrors } from "../domain/errors.ts";
import { type Address, guestOf, type Order, type Placement } from "../domain/order.ts";
import { checkShippingAddress, type PaymentMethods, validatePaymentMethod } from "../domain/place.ts";
import { blockingProblems, type PricedCart } from "../domain/priced-cart.ts";
import type { Admission, OrderLinks, Orders } from "../ports.ts";
import type { Shopper } from "../queries/find-cart.ts";
import { type CartDeps, openCart } from "./change-cart.ts";
import { type PlacingDeps, placing } from "./placing.ts";

export type CheckoutCart = {
  readonly cartId: string;
  readonly shopper: Shopper;
  /** The version that the shopper has seen. */
  readonly version: string;
  readonly paymentMethod: string;
  readonly key: string;
  /** The language of a guest's mails. */
  readonly locale: string;
  readonly call: CallLimits;
  /** Throws if the request violates the rules of its contract. */
  readonly validate: () => void;
};

type Deps = PlacingDeps &
  CartDeps & {
    readonly idempotency: Idempotency;
    readonly orders: Pick<Orders, "placed">;
    readonly admission: Admission;
    readonly links: Pick<OrderLinks, "add">;
    readonly paymentMethods: PaymentMethods;
    /** Returns a priced cart as the detail of a refusal. */
    readonly detailOf: (cart: PricedCart) => ErrorDetail;
  };

/** An order, and the token that opens it for a guest. */
export type CheckedOut = { readonly order: Order; readonly token: string | undefined; readonly replayed: boolean };

/**
 * Places the order of a cart at the prices that the shopper has seen. The transaction that stores the order makes the cart that order, by one
 * conditional write: a checkout that comes second returns the order of the first and stores nothing. Throws CART_CHANGED and
 * CART_NOT_READY with the present cart; both leave the key free.
 */
export function checkoutCart(deps: Deps) {
  const { idempotency, orders, admission, links } = deps;
  const place = placing(deps);
  const open = openCart(deps);

  return async (request: CheckoutCart): Promise<CheckedOut> => {
    const { cartId, shopper, version, paymentMethod, key, call } = request;
    const hash = requestHash({ cartId, version, paymentMethod });
    let leave = () => {};
    const placed = idempotency.once(
      { scope: shopper.userId ?? guestScope(cartId), key, hash },
      {
        call,
        async admit() {
          request.validate();
          validatePaymentMethod(request, deps.paymentMethods);
          leave = await admission.admit();
        },
        perform: (claim) => perform(claim, request),
        replay: orders.placed,
      },
    );
    const { value: order, replayed } = await placed.finally(() => leave());
    return { order, replayed, token: shopper.userId === undefined ? orderToken(cartId, order.orderId) : undefined };
  };

  async function perform(claim: Claim, request: CheckoutCart): Promise<Order> {
    for (;;) {
      const cart = await open(request.cartId, request.shopper);
      if (cart.orderId !== undefined) return settledWith(claim, cart.orderId);
      checkOpen(cart);
      const priced = await deps.priceCart(cart);
      const details = [deps.detailOf(priced)];
      const { version, total } = priced;
      if (version !== request.version)
        throw orderErrors.CART_CHANGED({ version, total: `${total.minor}`, currency: total.currency }, { details });
      const problems = blockingProblems(priced);
      if (problems.length > 0)
        throw orderErrors.CART_NOT_READY({ problems: problems.map(({ kind }) => kind).join(", ") }, { details });
      const order = await place(
        claim,
        (ids) => placementOf(ids, priced, request),
        async (tx, { orderId }) => {
          if (!(await deps.carts.order(tx, cart, orderId))) return false;
          if (cart.userId === undefined) await links.add(tx, orderId, orderToken(cart.id, orderId));
          return true;
        },
      );
      if (order !== undefined) return order;
      // Another checkout or a change came first: its order, or its version, decides.
    }
  }

  /** Settles the key with the order that the cart became by another key. */
  async function settledWith(claim: Claim, orderId: string): Promise<Order> {
    await deps.share((tx) => claim.settle(tx, orderId));
    return orders.placed(orderId);
  }
}

/** What stands for the id of an address that is not one of a user's. */
const ADDRESS_ID = "cart";

/** Keys of guests are those of their cart. The id is a credential, so that its hash stands for it. */
function guestScope(cartId: string): string {
  return `cart:${createHash("sha256").update(cartId).digest("base64url")}`;
}

/** Returns the token that opens the order of a guest's cart: the same for all checkouts of the cart, and known only with its id. */
function orderToken(cartId: string, orderId: string): string {
  return createHash("sha256").update(`order-token:${orderId}:${cartId}`).digest("base64url");
}

function placementOf(
  { orderId, number }: Required<Pick<Placement, "orderId" | "number">>,
  { cart, orderable: lines, itemsTotal, shippingTotal, charges, total, weightGrams }: PricedCart,
  { paymentMethod, locale }: CheckoutCart,
): Placement {
  const shipping = chosen(cart, "shippingAddress");
  if (shipping === undefined || shippingTotal === undefined) throw new Error("A cart without problems has an address.");
  const address: Address = { id: ADDRESS_ID, ...shipping };
  checkShippingAddress(address);
  const billing = chosen(cart, "billingAddress");
  const note = chosen(cart, "note") ?? "";
  const email = parseMailAddress(chosen(cart, "email") ?? "");
  const guest = cart.userId === undefined && email && { email: email.address, emailKey: email.key, locale };
  return {
    ...{ orderId, number, userId: cart.userId ?? guestOf(orderId), lines, itemsTotal, shippingTotal, total, charges },
    ...{ weightGrams, address, shippingMethod: methodOf(cart), paymentMethod },
    ...(billing !== undefined && { billingAddress: { id: ADDRESS_ID, ...billing } }),
    ...(note !== "" && { note }),
    ...guest,
  };
}
