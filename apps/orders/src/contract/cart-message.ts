import { create, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ErrorDetail, Language } from "@kontor/errors";
import { type Cart as CartMessage, CartProblemKind, CartSchema } from "@kontor/shop/contracts/orders/v1/cart";
import { present } from "@kontor/text";
import { chosen, methodOf } from "../domain/cart.ts";
import { type CartProblem, isBlocking } from "../domain/cart-problems.ts";
import { problemText } from "../domain/cart-texts.ts";
import type { PricedCart, PricedLine } from "../domain/priced-cart.ts";
import { chargesMessage, partMessage } from "./charges-message.ts";

/** Makes messages of priced carts. `keepMs` is how long a cart lives after its last change. */
export function cartMessages({ keepMs }: { readonly keepMs: number }) {
  return (priced: PricedCart, language: Language): CartMessage => {
    const { cart, version, problems, charges, shippingTotal } = priced;
    const { currency } = cart;
    const totals = currency !== "" && !problems.some(({ kind }) => kind === "TOTAL_TOO_LARGE");
    return create(CartSchema, {
      ...{ id: cart.id, version, couponCodes: [...cart.codes], shippingMethod: methodOf(cart) },
      ...present({ userId: cart.userId ?? "", currency, orderId: cart.orderId ?? "" }),
      ...present({ email: chosen(cart, "email") ?? "", note: chosen(cart, "note") ?? "" }),
      lines: priced.lines.map((line) => lineMessage(line, currency)),
      ...(totals && {
        itemsTotal: priced.itemsTotal,
        ...(shippingTotal !== undefined && { shippingTotal }),
        charges: chargesMessage(charges, currency, shippingTotal !== undefined),
        total: priced.total,
      }),
      ...addresses(priced),
      problems: problems.map((problem) => problemMessage(problem, language)),
      createdAt: timestampFromDate(cart.createdAt),
      updatedAt: timestampFromDate(cart.updatedAt),
      expiresAt: timestampFromDate(new Date(cart.updatedAt.getTime() + keepMs)),
    });
  };
}

/** Returns a cart as the detail of an error. */
export function cartDetail(message: CartMessage): ErrorDetail {
  return { type: CartSchema.typeName, value: toBinary(CartSchema, message) };
}

function addresses({ cart }: PricedCart) {
  const [shippingAddress, billingAddress] = [chosen(cart, "shippingAddress"), chosen(cart, "billingAddress")];
  return {
    ...(shippingAddress !== undefined && { shippingAddress: present(shippingAddress) }),
    ...(billingAddress !== undefined && { billingAddress: present(billingAddress) }),
  };
}

function lineMessage({ productId, sku, title, quantity, price, charges }: PricedLine, currency: string) {
  return {
    ...{ productId, sku, title, quantity },
    ...(price !== undefined && {
      unitPrice: { currency, minor: price },
      total: { currency, minor: price * BigInt(quantity) },
    }),
    ...(charges !== undefined && { charges: partMessage(charges, currency) }),
  };
}

function problemMessage(problem: CartProblem, language: Language) {
  return {
    ...factsOf(problem),
    kind: CartProblemKind[problem.kind],
    blocking: isBlocking(problem),
    detail: problemText(problem, language),
  };
}

/** Returns the facts of a problem that have a field of their own. */
function factsOf(problem: CartProblem) {
  switch (problem.kind) {
    case "PRICE_CHANGED":
      return { sku: problem.sku, seen: problem.seen, real: problem.real };
    case "UNAVAILABLE":
    case "NO_PRICE":
    case "LIMITED":
      return { sku: problem.sku };
    case "ABOVE_STOCK":
      return { sku: problem.sku, ...(problem.available !== undefined && { available: problem.available }) };
    case "COUPON_NOT_APPLICABLE":
      return { code: problem.code, reason: problem.reason };
    case "PROMOTION_LIMITED":
    case "METHOD_NOT_ELIGIBLE":
      return { reason: problem.reason };
    case "ADDRESS_INCOMPLETE":
      return { field: problem.field };
    default:
      return {};
  }
}
