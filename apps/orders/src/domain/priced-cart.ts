import { type Money, money } from "@kontor/money";
import { containsCardNumber } from "@kontor/text";
import { type Cart, type CartAddress, type CartLine, chosen } from "./cart.ts";
import { type CartProblem, isBlocking } from "./cart-problems.ts";
import { type Charges, chargedTotal, type PartCharges } from "./charges.ts";
import type { Line } from "./order.ts";
import { MAX_TOTAL, type Quote } from "./place.ts";

/** A line at the prices of now. A line that counts for nothing has no price. */
export type PricedLine = CartLine & { readonly price?: bigint; readonly charges?: PartCharges };

/** A cart at the prices of now. */
export type PricedCart = {
  readonly cart: Cart;
  readonly version: string;
  readonly lines: readonly PricedLine[];
  /** The lines that count, as an order would have them; `charges.lines` are theirs. */
  readonly orderable: readonly Line[];
  readonly weightGrams: number;
  readonly itemsTotal: Money;
  /** Undefined until it is known. */
  readonly shippingTotal: Money | undefined;
  readonly charges: Charges;
  readonly total: Money;
  readonly problems: readonly CartProblem[];
};

/** A line that is on sale. */
export type QuotedLine = { readonly line: CartLine; readonly quote: Quote };

/** Returns the lines that are on sale, and what is wrong with the others. */
export function quotedLines(
  { lines }: Pick<Cart, "lines">,
  quotes: readonly Quote[],
): { readonly quoted: readonly QuotedLine[]; readonly problems: readonly CartProblem[] } {
  const quoted: QuotedLine[] = [];
  const problems: CartProblem[] = [];
  for (const [index, line] of lines.entries()) {
    const quote = quotes[index];
    if (quote === undefined || quote.problem !== undefined) problems.push({ kind: "UNAVAILABLE", sku: line.sku });
    else quoted.push({ line, quote });
  }
  return { quoted, problems };
}

/** Units that can be reserved, by SKU, and the largest number of them that shoppers may learn. */
type Stock = { readonly units: ReadonlyMap<string, number>; readonly lowStock: number };

/** Returns the lines that are above the available stock. */
export function stockProblems(lines: readonly CartLine[], { units, lowStock }: Stock): readonly CartProblem[] {
  return lines.flatMap(({ sku, quantity: wanted }) => {
    const available = units.get(sku) ?? 0;
    if (available >= wanted) return [];
    return [{ kind: "ABOVE_STOCK" as const, sku, wanted, ...(available <= lowStock && { available }) }];
  });
}

const REQUIRED = ["recipient", "line1", "city", "country"] as const satisfies readonly (keyof CartAddress)[];

/** Returns what an order cannot be placed without and the cart lacks. */
export function contentProblems(cart: Cart): readonly CartProblem[] {
  const address = chosen(cart, "shippingAddress");
  const missing = REQUIRED.filter((part) => (address?.[part] ?? "") === "");
  const billing = chosen(cart, "billingAddress");
  const missingBilling = billing === undefined ? [] : REQUIRED.filter((part) => billing[part] === "");
  return [
    ...missing.map((part) => ({ kind: "ADDRESS_INCOMPLETE" as const, field: `shippingAddress.${part}` })),
    ...missingBilling.map((part) => ({ kind: "ADDRESS_INCOMPLETE" as const, field: `billingAddress.${part}` })),
    ...(cart.userId === undefined && (chosen(cart, "email") ?? "") === "" ? [{ kind: "EMAIL_MISSING" as const }] : []),
    ...cart.notices.map((notice) => ({ kind: "LIMITED" as const, ...notice })),
  ];
}

/** What a priced cart is put together from. */
export type CartPricing = {
  readonly cart: Cart;
  readonly quoted: readonly QuotedLine[];
  readonly weightGrams: number;
  readonly shippingTotal: Money | undefined;
  /** Unit prices of the quoted lines, in their order. */
  readonly unitPrices: readonly (bigint | undefined)[];
  /** Its lines are the quoted ones, in their order. */
  readonly charges: Charges;
  readonly problems: readonly CartProblem[];
};

/**
 * Puts a priced cart together. Its version follows from what the shopper sees, so that another price is another version. `digestOf` returns a
 * short text that stands for another.
 */
export function pricedCart(pricing: CartPricing, digestOf: (text: string) => string): PricedCart {
  const { cart, quoted, weightGrams, shippingTotal, unitPrices, problems, ...rest } = pricing;
  const { currency } = cart;
  const found: CartProblem[] = [...problems];
  const priced = quoted.flatMap(({ line, quote }, index) => {
    const price = unitPrices[index];
    if (price === undefined) found.push({ kind: "NO_PRICE", sku: line.sku, currency });
    return price === undefined ? [] : [{ line, quote, price, part: rest.charges.lines[index] }];
  });
  const charges = { ...rest.charges, lines: priced.flatMap(({ part }) => part ?? []) };
  const orderable = priced.map(({ line, quote: { productId, sku, title }, price }): Line => {
    const { quantity, seen = price } = line;
    if (seen !== price)
      found.push({ kind: "PRICE_CHANGED", sku, seen: money(currency, seen), real: money(currency, price) });
    return { productId, sku, title, quantity, price };
  });
  if (cart.lines.length === 0) found.push({ kind: "EMPTY" });
  const itemsTotal = orderable.reduce((sum, { price, quantity }) => sum + price * BigInt(quantity), 0n);
  const total = chargedTotal(currency, charges);
  if (total.minor > MAX_TOTAL || itemsTotal > MAX_TOTAL) found.push({ kind: "TOTAL_TOO_LARGE" });
  const known = new Map(orderable.map((line, index) => [line.sku, { line, charges: charges.lines[index] }]));
  const lines = cart.lines.map((line): PricedLine => {
    const counted = known.get(line.sku);
    if (counted === undefined) return line;
    const { title, price } = counted.line;
    return { ...line, title, price, ...(counted.charges !== undefined && { charges: counted.charges }) };
  });
  const shown = { orderable, shippingTotal: shippingTotal?.minor, charges, total: total.minor, currency };
  return {
    ...{ cart, lines, orderable, weightGrams, shippingTotal, charges, total, problems: found },
    itemsTotal: { currency, minor: itemsTotal },
    version: `${cart.version}-${digestOf(jsonOf(shown))}`,
  };
}

/** Returns the problems that prevent the checkout. */
export function blockingProblems({ problems }: Pick<PricedCart, "problems">): readonly CartProblem[] {
  return problems.filter(isBlocking);
}

/** Whether an address contains a card number. */
export function holdsCardNumber(address: CartAddress): boolean {
  return Object.values(address).some(containsCardNumber);
}

function jsonOf(shown: object): string {
  return JSON.stringify(shown, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}
