import { type FieldViolation, invalid, type KontorError } from "@kontor/errors";
import { type Money, money, multiply, sum } from "@kontor/money";
import { CARD_NUMBER_RULE, containsCardNumber } from "@kontor/text";
import { orderErrors } from "./errors.ts";
import type { Address, Line, Placement } from "./order.ts";

/** What a shopper wants, as it came in. `price` is the unit price that was shown. */
export type WantedItem = {
  readonly productId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly price: bigint;
};

export type Wish = {
  readonly userId: string;
  readonly items: readonly WantedItem[];
  readonly shippingAddressId: string;
  readonly shippingMethod: string;
  readonly paymentMethod: string;
};

/** What the catalog says of a wanted item. */
export type Quote = {
  readonly productId: string;
  readonly sku: string;
  readonly title: string;
  readonly unitPrice: Money;
  readonly weightGrams: number;
  readonly problem?: "UNKNOWN_PRODUCT" | "UNKNOWN_SKU" | "SKU_REQUIRED";
};

const MAX_ITEMS = 100;
const MAX_QUANTITY = 999;
const HEAVIEST = 2 ** 31 - 1;
/** What payments take at most. */
const MAX_TOTAL = BigInt(Number.MAX_SAFE_INTEGER);
const METHODS: readonly string[] = ["standard", "express"];

/** What the shop takes. */
export interface PaymentMethods {
  readonly rule: string;
  has(method: string): boolean;
}

/** Throws INVALID_REQUEST naming every field that no shop state could make right. */
export function checkWish(wish: Wish, methods: PaymentMethods): void {
  const lines = wish.items.slice(0, MAX_ITEMS).flatMap(itemViolations);
  const violations = [...itemCount(wish.items), ...lines, ...textViolations(wish, methods)];
  if (violations.length > 0) throw invalid(violations, "orders.kontor");
}

function itemCount(items: readonly WantedItem[]): FieldViolation[] {
  if (items.length === 0) return [{ field: "items", description: "An order has at least one item." }];
  if (items.length <= MAX_ITEMS) return [];
  return [{ field: "items", description: `An order has at most ${MAX_ITEMS} items, not ${items.length}.` }];
}

function itemViolations(item: WantedItem, index: number): FieldViolation[] {
  const at = `items[${index}]`;
  const violations: FieldViolation[] = [];
  if (!isName(item.productId)) violations.push({ field: `${at}.productId`, description: "Name a product." });
  if (item.sku !== "" && !isName(item.sku)) violations.push({ field: `${at}.sku`, description: "Not a SKU." });
  if (item.quantity < 1 || item.quantity > MAX_QUANTITY)
    violations.push({ field: `${at}.quantity`, description: `Must be 1 to ${MAX_QUANTITY}, not ${item.quantity}.` });
  if (item.price < 0n) violations.push({ field: `${at}.price`, description: "Must not be negative." });
  return violations;
}

function textViolations(wish: Wish, methods: PaymentMethods): FieldViolation[] {
  const violations: FieldViolation[] = [];
  if (!isName(wish.shippingAddressId))
    violations.push({ field: "shippingAddressId", description: "Name one of your addresses." });
  for (const field of ["shippingAddressId", "paymentMethod", "shippingMethod"] as const)
    if (containsCardNumber(wish[field])) violations.push({ field, description: CARD_NUMBER_RULE });
  if (!methods.has(wish.paymentMethod)) violations.push({ field: "paymentMethod", description: methods.rule });
  if (!METHODS.includes(wish.shippingMethod))
    violations.push({ field: "shippingMethod", description: `Must be ${METHODS.join(" or ")}.` });
  return violations;
}

function isName(text: string): boolean {
  return /^[\w-]{1,64}$/.test(text);
}

/** The lines at the shop's prices. Refuses what cannot be ordered and what costs something else than was seen. */
export function priceLines(items: readonly WantedItem[], quotes: readonly Quote[]): readonly Line[] {
  const pairs = items.map((item, index) => ({ item, quote: quoteAt(quotes, index), field: `items[${index}]` }));
  const problems = pairs.flatMap(({ quote, field }) => quoteViolations(quote, field));
  const twice = pairs.filter(({ quote }, index) => pairs.findIndex((other) => other.quote.sku === quote.sku) !== index);
  for (const { field, quote } of problems.length > 0 ? [] : twice)
    problems.push({ field, description: `${quote.sku} is ordered twice; add up the quantities.` });
  if (problems.length > 0) throw invalid(problems, "orders.kontor");
  if (new Set(quotes.map((quote) => quote.unitPrice.currency)).size > 1) throw orderErrors.MIXED_CURRENCIES();
  for (const { item, quote, field } of pairs)
    if (item.price !== quote.unitPrice.minor) throw priceChanged(item, quote, field);
  return pairs.map(({ item, quote: { productId, sku, title, unitPrice } }) => {
    return { productId, sku, title, quantity: item.quantity, price: unitPrice.minor };
  });
}

function quoteAt(quotes: readonly Quote[], index: number): Quote {
  const quote = quotes[index];
  if (quote === undefined) throw new Error(`The catalog quoted ${quotes.length} items, item ${index} is missing.`);
  return quote;
}

function quoteViolations({ problem, productId }: Quote, field: string): FieldViolation[] {
  if (problem === undefined) return [];
  switch (problem) {
    case "UNKNOWN_PRODUCT":
      return [{ field: `${field}.productId`, description: `There is no product ${productId} on sale.` }];
    case "UNKNOWN_SKU":
      return [{ field: `${field}.sku`, description: `${productId} has no such variant.` }];
    case "SKU_REQUIRED":
      return [{ field: `${field}.sku`, description: `${productId} has several variants; name one.` }];
  }
}

function priceChanged(item: WantedItem, quote: Quote, field: string): KontorError {
  return orderErrors.PRICE_CHANGED({
    field: `${field}.price`,
    productId: quote.productId,
    seenPrice: item.price,
    realPrice: quote.unitPrice.minor,
    currency: quote.unitPrice.currency,
  });
}

/** Units that can be reserved, by SKU, and the largest number of them that shoppers may learn. */
type AvailableStock = { readonly units: ReadonlyMap<string, number>; readonly lowStock: number };

/** Refuses lines of which there is visibly too little. Only the reservation decides; this spares a hopeless order. */
export function checkStock(lines: readonly Line[], { units, lowStock }: AvailableStock): void {
  for (const [index, { sku, quantity }] of lines.entries()) {
    const available = units.get(sku) ?? 0;
    if (available >= quantity) continue;
    const facts = { field: `items[${index}].quantity`, sku, wanted: quantity };
    throw orderErrors.OUT_OF_STOCK({ ...facts, ...(available <= lowStock && { available }) });
  }
}

/** Weighs what was ordered. More than the contract of shipping can say is too heavy for any parcel anyway. */
export function weightOf(lines: readonly Line[], quotes: readonly Quote[]): number {
  const total = lines.reduce((sum, { quantity }, index) => sum + quantity * (quotes[index]?.weightGrams ?? 0), 0);
  return Math.min(total, HEAVIEST);
}

/** What the shopper agrees to by placing the order. Refuses what nobody could charge. */
export function placement(
  { orderId, number }: Required<Pick<Placement, "orderId" | "number">>,
  wish: Wish,
  agreed: { lines: readonly Line[]; currency: string; weightGrams: number; shippingTotal: Money; address: Address },
): Placement {
  const { lines, currency, shippingTotal, weightGrams, address } = agreed;
  const itemsTotal = sum(
    lines.map(({ price, quantity }) => multiply(money(currency, price), quantity)),
    currency,
  );
  const total = sum([itemsTotal, shippingTotal], currency);
  if (total.minor > MAX_TOTAL)
    throw invalid([{ field: "items", description: `They cost more than ${MAX_TOTAL} minor units.` }], "orders.kontor");
  const { userId, shippingMethod, paymentMethod } = wish;
  const totals = { itemsTotal, shippingTotal, total };
  return { orderId, number, userId, lines, ...totals, weightGrams, address, shippingMethod, paymentMethod };
}
