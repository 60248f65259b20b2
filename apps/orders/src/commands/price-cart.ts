import { createHash } from "node:crypto";
import { isKontorError, isTransientCode } from "@kontor/errors";
import { type Money, money } from "@kontor/money";
import { parseMailAddress } from "@kontor/text";
import type { Catalog, Inventory, Pricing, Shipping } from "../callees.ts";
import { type Cart, chosen, methodOf } from "../domain/cart.ts";
import type { CartProblem } from "../domain/cart-problems.ts";
import { plainCharges } from "../domain/charges.ts";
import { type Quote, weightOf } from "../domain/place.ts";
import {
  contentProblems,
  type PricedCart,
  pricedCart,
  type QuotedLine,
  quotedLines,
  stockProblems,
} from "../domain/priced-cart.ts";
import type { Orders } from "../ports.ts";

type Deps = {
  readonly catalog: Catalog;
  readonly inventory: Pick<Inventory, "availability">;
  readonly shipping: Pick<Shipping, "quote">;
  readonly pricing: Pick<Pricing, "price">;
  readonly orders: Pick<Orders, "hasOrdered">;
};

/**
 * Returns a cart at the prices of now, by one call for each service that knows a part of them. `known` are quotes of the lines that were
 * read before, by SKU.
 */
export function priceCart({ catalog, inventory, shipping, pricing, orders }: Deps) {
  async function quotesOf({ lines }: Cart, quoted: ReadonlyMap<string, Quote> | undefined): Promise<readonly Quote[]> {
    if (lines.length === 0) return [];
    const known = lines.flatMap(({ sku }) => quoted?.get(sku) ?? []);
    return known.length === lines.length
      ? known
      : catalog.quote(lines.map(({ productId, sku }) => ({ productId, sku })));
  }

  async function rateOf(cart: Cart, weightGrams: number): Promise<{ rate?: Money; problems: readonly CartProblem[] }> {
    const country = chosen(cart, "shippingAddress")?.country ?? "";
    if (country === "") return { problems: [] };
    try {
      const rate = await shipping.quote({ method: methodOf(cart), country, weightGrams, currency: cart.currency });
      return { rate, problems: [] };
    } catch (error) {
      if (!isKontorError(error) || isTransientCode(error.code)) throw error;
      const { reason, message: detail } = error;
      return { problems: [{ kind: "METHOD_NOT_ELIGIBLE", reason, detail }] };
    }
  }

  return async (cart: Cart, known?: ReadonlyMap<string, Quote>): Promise<PricedCart> => {
    const { currency } = cart;
    const { quoted, problems } = quotedLines(cart, await quotesOf(cart, known));
    const found = [...contentProblems(cart), ...problems];
    if (quoted.length === 0) {
      const nothing = { quoted, weightGrams: 0, shippingTotal: undefined, unitPrices: [] };
      return pricedCart({ cart, ...nothing, charges: plainCharges([], 0n), problems: found }, digestOf);
    }
    const lines = quoted.map(({ line }) => line);
    const weightGrams = weightOf(
      lines,
      quoted.map(({ quote }) => quote),
    );
    const [stock, { rate, problems: shippingProblems }, first] = await Promise.all([
      inventory.availability(lines.map(({ sku }) => sku)),
      rateOf(cart, weightGrams),
      firstOrder(orders, cart),
    ]);
    const { unitPrices, charges, ...priced } = await pricing.price({
      ...requestOf(cart, quoted, rate),
      firstOrder: first,
    });
    const all = [...found, ...stockProblems(lines, stock), ...shippingProblems, ...priced.problems];
    const shippingTotal = rate && money(currency, rate.minor);
    return pricedCart({ cart, quoted, weightGrams, unitPrices, charges, shippingTotal, problems: all }, digestOf);
  };
}

/** As many characters that 96 bits of a hash stand for what a shopper has seen. */
const DIGEST_LENGTH = 16;

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, DIGEST_LENGTH);
}

/** Returns whether a cart would be the first order of its customer; undefined for a guest without a mail address. */
async function firstOrder(orders: Deps["orders"], cart: Cart): Promise<boolean | undefined> {
  const emailKey = parseMailAddress(chosen(cart, "email") ?? "")?.key;
  const customer = cart.userId === undefined ? emailKey && { emailKey } : { userId: cart.userId };
  return customer ? !(await orders.hasOrdered(customer)) : undefined;
}

function requestOf(cart: Cart, quoted: readonly QuotedLine[], rate: Money | undefined) {
  const { country = "", region = "", postalCode = "" } = chosen(cart, "shippingAddress") ?? {};
  return {
    currency: cart.currency,
    userId: cart.userId,
    email: chosen(cart, "email") ?? "",
    destination: { country, region, postalCode },
    codes: cart.codes,
    lines: quoted.map(({ line: { quantity }, quote }) => {
      const { productId, sku, unitPrice: basePrice, categoryIds, taxCategory } = quote;
      return { productId, sku, quantity, basePrice, categoryIds, taxCategory };
    }),
    shipping: rate?.minor,
  };
}
