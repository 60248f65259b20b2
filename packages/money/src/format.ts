import { currencyExponent } from "./currency.ts";
import type { Money } from "./money.ts";

/** The amount in the major unit as an exact decimal, such as `-0.05` or `1200` (JPY): the form ISO 20022 and most providers take. */
export function toDecimal({ currency, minor }: Money): `${number}` {
  const exponent = currencyExponent(currency);
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, "0");
  const point = digits.length - exponent;
  const fraction = exponent === 0 ? "" : `.${digits.slice(point)}`;
  return `${minor < 0n ? "-" : ""}${digits.slice(0, point)}${fraction}` as `${number}`;
}

/** The amount for people, such as `€12.00`. `locale` is a BCP 47 tag and defaults to `en`. */
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
