import { invalid, violation } from "@kontor/errors";
import { orderErrors } from "./errors.ts";
import type { Address } from "./order.ts";

/** A variant in a cart. */
export type CartLine = {
  readonly productId: string;
  readonly sku: string;
  /** As it was named last, for a variant that is not on sale any more. */
  readonly title: string;
  readonly quantity: number;
  /** The unit price that the last change of the cart was answered with, in minor units; undefined before the first. */
  readonly seen: bigint | undefined;
};

/** An address that may lack parts: those are empty. */
export type CartAddress = Omit<Address, "id">;

/** What a shopper chooses in addition to lines. */
export type Choices = {
  readonly shippingAddress: CartAddress;
  readonly billingAddress: CartAddress;
  readonly shippingMethod: string;
  readonly email: string;
  readonly note: string;
};

/** A choice, and when it was made: of two carts that are merged, the newer counts. */
export type Choice<T> = { readonly value: T; readonly at: Date };

/** What a merge left out of a line: the units beyond the limit, or all of them. */
export type Notice = { readonly sku: string; readonly wanted: number; readonly kept: number };

/** What a shopper intends to order. Prices are not part of it: each reading gets them. */
export type Cart = {
  readonly id: string;
  /** Undefined for the cart of a guest. */
  readonly userId: string | undefined;
  /** Grows by each change. */
  readonly version: number;
  /** Empty before the first line, unless it was chosen. */
  readonly currency: string;
  readonly lines: readonly CartLine[];
  readonly choices: { readonly [K in keyof Choices]?: Choice<Choices[K]> };
  /** Coupon codes as they were entered. */
  readonly codes: readonly string[];
  readonly notices: readonly Notice[];
  /** The order that the cart became. */
  readonly orderId: string | undefined;
  /** The cart that it was merged into. */
  readonly mergedInto: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** What names a variant that is added: the SKU is resolved. */
export type AddedLine = Pick<CartLine, "productId" | "sku" | "title" | "quantity"> & { readonly currency: string };

export const MAX_QUANTITY = 999;
export const MAX_LINES = 100;
export const MAX_CODES = 10;
const DOMAIN = "orders.shop";

/** Returns an empty cart. */
export function newCart({ id, userId, currency }: Pick<Cart, "id" | "userId" | "currency">, at: Date): Cart {
  const empty = { lines: [], choices: {}, codes: [], notices: [] };
  return {
    id,
    userId,
    version: 1,
    currency,
    ...empty,
    orderId: undefined,
    mergedInto: undefined,
    createdAt: at,
    updatedAt: at,
  };
}

/** Returns a choice of a cart, or undefined. */
export function chosen<K extends keyof Choices>({ choices }: Cart, name: K): Choices[K] | undefined {
  return choices[name]?.value;
}

const DEFAULT_METHOD = "standard";

/** Returns the shipping method of a cart. */
export function methodOf(cart: Cart): string {
  return chosen(cart, "shippingMethod") || DEFAULT_METHOD;
}

/** Throws CART_MERGED for a cart that is part of another one. */
export function checkMerged({ mergedInto }: Cart): void {
  if (mergedInto !== undefined) throw orderErrors.CART_MERGED();
}

/** Throws CART_ORDERED or CART_MERGED for a cart that takes no changes. */
export function checkOpen(cart: Cart): void {
  checkMerged(cart);
  if (cart.orderId !== undefined) throw orderErrors.CART_ORDERED({ orderId: cart.orderId });
}

/** Adds units to the line of a variant. The limits hold for what the cart has after it. */
export function addLine(cart: Cart, added: AddedLine): Cart {
  const { currency, ...line } = added;
  const known = cart.lines.find(({ sku }) => sku === line.sku);
  const quantity = (known?.quantity ?? 0) + line.quantity;
  if (quantity > MAX_QUANTITY) throw invalid([violation("quantity", "TOO_LARGE", { max: MAX_QUANTITY })], DOMAIN);
  if (known === undefined && cart.lines.length >= MAX_LINES)
    throw invalid([violation("sku", "TOO_MANY", { max: MAX_LINES })], DOMAIN);
  const lines =
    known === undefined
      ? [...cart.lines, { ...line, seen: undefined }]
      : cart.lines.map((other) => (other === known ? { ...known, title: line.title, quantity } : other));
  return { ...cart, currency: cart.currency || currency, lines };
}

/** Sets the quantity of a line. Throws CART_LINE_NOT_FOUND. */
export function changeLine(cart: Cart, sku: string, quantity: number): Cart {
  if (!cart.lines.some((line) => line.sku === sku)) throw orderErrors.CART_LINE_NOT_FOUND({ sku });
  return { ...cart, lines: cart.lines.map((line) => (line.sku === sku ? { ...line, quantity } : line)) };
}

/** Removes a line, if the cart has it. */
export function removeLine(cart: Cart, sku: string): Cart {
  return { ...cart, lines: cart.lines.filter((line) => line.sku !== sku) };
}

/** Makes choices. An empty text removes the choice. Undefined ones stay as they are. */
export function choose(cart: Cart, made: { readonly [K in keyof Choices]?: Choices[K] | undefined }, at: Date): Cart {
  const entries = Object.entries(made).filter(([, value]) => value !== undefined);
  const added = Object.fromEntries(entries.map(([name, value]) => [name, { value, at }]));
  return { ...cart, choices: { ...cart.choices, ...added } };
}

/** Returns the form in which coupon codes are compared: without case, width, spaces and dashes. */
export function foldedCode(code: string): string {
  return code
    .normalize("NFKC")
    .replaceAll(/[\s\p{Pd}]/gu, "")
    .toUpperCase();
}

/** Enters a coupon code, once in whatever spelling. */
export function addCode(cart: Cart, code: string): Cart {
  const folded = foldedCode(code);
  if (folded === "") throw invalid([violation("code", "REQUIRED")], DOMAIN);
  if (cart.codes.some((known) => foldedCode(known) === folded)) return cart;
  if (cart.codes.length >= MAX_CODES) throw invalid([violation("code", "TOO_MANY", { max: MAX_CODES })], DOMAIN);
  return { ...cart, codes: [...cart.codes, code] };
}

/** Removes a coupon code, if the cart has it. */
export function removeCode(cart: Cart, code: string): Cart {
  const folded = foldedCode(code);
  return { ...cart, codes: cart.codes.filter((known) => foldedCode(known) !== folded) };
}

/** Returns a cart after a change, with its next version. The notices of the last merge end with the next change. */
export function changed(before: Cart, after: Cart, at: Date): Cart {
  if (after === before) return before;
  const notices = after.notices === before.notices ? [] : after.notices;
  return { ...after, notices, version: before.version + 1, updatedAt: at };
}

/** Returns the cart of an order that ended as rejected. A checkout of the version before it is refused. */
export function reopened(cart: Cart, at: Date): Cart {
  return { ...cart, orderId: undefined, version: cart.version + 1, updatedAt: at };
}
