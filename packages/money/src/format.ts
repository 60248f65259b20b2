import { currencyExponent } from "./currency.ts";
import type { Money } from "./money.ts";

/**
 * Returns the amount in the major unit as an exact decimal: the form that ISO 20022 and most providers take.
 *
 * ```ts
 * toDecimal(money("EUR", -5n)); // "-0.05"
 * toDecimal(money("JPY", 1200n)); // "1200"
 * ```
 *
 * @throws KontorError UNKNOWN_CURRENCY
 */
export function toDecimal({ currency, minor }: Money): `${number}` {
  const exponent = currencyExponent(currency);
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, "0");
  const point = digits.length - exponent;
  const fraction = exponent === 0 ? "" : `.${digits.slice(point)}`;
  return `${minor < 0n ? "-" : ""}${digits.slice(0, point)}${fraction}` as `${number}`;
}

/**
 * Returns the amount for people. `locale` is a BCP 47 tag. Default: `en`.
 *
 * ```ts
 * formatMoney(money("EUR", 1200n)); // "€12.00"
 * ```
 *
 * @throws KontorError UNKNOWN_CURRENCY; RangeError if the locale is malformed.
 */
export function formatMoney(amount: Money, locale = "en"): string {
  return formatter(locale, amount.currency).format(toDecimal(amount));
}

const formatters = new Map<string, Intl.NumberFormat>();

function formatter(locale: string, currency: string): Intl.NumberFormat {
  const key = `${locale} ${currency}`;
  const digits = currencyExponent(currency);
  const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const made = formatters.get(key) ?? new Intl.NumberFormat(locale, { style: "currency", currency, ...fraction });
  formatters.set(key, made);
  return made;
}
