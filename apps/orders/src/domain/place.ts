import { type FieldViolation, invalid, type KontorError, violation } from "@kontor/errors";
import { type Money, money, multiply, sum } from "@kontor/money";
import { containsCardNumber } from "@kontor/text";
import { orderErrors } from "./errors.ts";
import type { Address, Line, Placement } from "./order.ts";

/** An item of an order request. `price` is the unit price that the shopper was shown. */
export type WantedItem = {
  readonly productId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly price: bigint;
};

/** An order before it is validated and priced. */
export type OrderRequest = {
  readonly userId: string;
  readonly items: readonly WantedItem[];
  readonly shippingAddressId: string;
  readonly shippingMethod: string;
  readonly paymentMethod: string;
};

/** The catalogue's price and state of a requested item. */
export type Quote = {
  readonly productId: string;
  readonly sku: string;
  readonly title: string;
  readonly unitPrice: Money;
  readonly weightGrams: number;
  /** The categories that the product is in, and those above them. */
  readonly categoryIds: readonly string[];
  /** Decides the tax. Empty: that of the shop. */
  readonly taxCategory: string;
  readonly problem?: "UNKNOWN_PRODUCT" | "UNKNOWN_SKU" | "SKU_REQUIRED";
};

const HEAVIEST = 2 ** 31 - 1;
/** The largest amount that payments accept, in minor units. */
export const MAX_TOTAL = BigInt(Number.MAX_SAFE_INTEGER);

/** The payment methods that the shop accepts. */
export interface PaymentMethods {
  readonly names: readonly string[];
  has(method: string): boolean;
}

/** Throws INVALID_REQUEST if the shop does not accept the payment method. */
export function validatePaymentMethod(
  { paymentMethod }: Pick<OrderRequest, "paymentMethod">,
  methods: PaymentMethods,
): void {
  if (!methods.has(paymentMethod))
    throw invalid([violation("paymentMethod", "NOT_IN", { values: methods.names })], "orders.shop");
}

/**
 * The lines at the shop's prices. Refuses items that cannot be ordered, and items whose price differs from the one that the shopper saw.
 */
export function priceLines(items: readonly WantedItem[], quotes: readonly Quote[]): readonly Line[] {
  const pairs = items.map((item, index) => ({ item, quote: quoteAt(quotes, index), field: `items[${index}]` }));
  const problems = pairs.flatMap(({ quote, field }) => quoteViolations(quote, field));
  const twice = pairs.filter(({ quote }, index) => pairs.findIndex((other) => other.quote.sku === quote.sku) !== index);
  for (const { field } of problems.length > 0 ? [] : twice) problems.push(violation(field, "DUPLICATE"));
  if (problems.length > 0) throw invalid(problems, "orders.shop");
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

/** Returns why an item cannot be ordered. `field` names the item, or is empty if the request is the item. */
export function quoteViolations({ problem, productId, sku }: Quote, field: string): FieldViolation[] {
  const within = field === "" ? "" : `${field}.`;
  if (problem === undefined) return [];
  switch (problem) {
    case "UNKNOWN_PRODUCT":
      return [unknown(`${within}productId`, productId)];
    case "UNKNOWN_SKU":
      return [unknown(`${within}sku`, sku)];
    case "SKU_REQUIRED":
      return [violation(`${within}sku`, "REQUIRED")];
  }
}

/** A refusal is stored with the key of its request, so it does not repeat a card number. Ids of products may consist of digits. */
function unknown(field: string, id: string): FieldViolation {
  return containsCardNumber(id) ? violation(field, "CARD_NUMBER") : violation(field, "NOT_FOUND", { id });
}

/** Refuses an address that was stored before users refused card numbers in addresses. */
export function checkShippingAddress(address: Address): void {
  if (Object.values(address).some(containsCardNumber))
    throw invalid([violation("shippingAddressId", "CARD_NUMBER")], "orders.shop");
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

/** Units that can be reserved, by SKU, and the largest number of them that is public. */
type AvailableStock = { readonly units: ReadonlyMap<string, number>; readonly lowStock: number };

/** Throws OUT_OF_STOCK for lines above the available units. The reservation decides later; this check refuses hopeless orders early. */
export function checkStock(lines: readonly Line[], { units, lowStock }: AvailableStock): void {
  for (const [index, { sku, quantity }] of lines.entries()) {
    const available = units.get(sku) ?? 0;
    if (available >= quantity) continue;
    const facts = { field: `items[${index}].quantity`, sku, wanted: quantity };
    throw orderErrors.OUT_OF_STOCK({ ...facts, ...(available <= lowStock && { available }) });
  }
}

/** Returns the weight of all lines in grams, limited to the largest value of shipping's contract, which no parcel may have. */
export function weightOf(lines: readonly Pick<Line, "quantity">[], quotes: readonly Quote[]): number {
  const total = lines.reduce((sum, { quantity }, index) => sum + quantity * (quotes[index]?.weightGrams ?? 0), 0);
  return Math.min(total, HEAVIEST);
}

/** Returns the content of the order that the shopper accepts. Throws for an amount that cannot be charged. */
export function placement(
  { orderId, number }: Required<Pick<Placement, "orderId" | "number">>,
  orderRequest: OrderRequest,
  priced: { lines: readonly Line[]; currency: string; weightGrams: number; shippingTotal: Money; address: Address },
): Placement {
  const { lines, currency, shippingTotal, weightGrams, address } = priced;
  const itemsTotal = sum(
    lines.map(({ price, quantity }) => multiply(money(currency, price), quantity)),
    currency,
  );
  const total = sum([itemsTotal, shippingTotal], currency);
  if (total.minor > MAX_TOTAL) throw invalid([violation("items", "SUM_TOO_LARGE", { max: MAX_TOTAL })], "orders.shop");
  const { userId, shippingMethod, paymentMethod } = orderRequest;
  const totals = { itemsTotal, shippingTotal, total };
  return { orderId, number, userId, lines, ...totals, weightGrams, address, shippingMethod, paymentMethod };
}
