import { moneyErrors } from "./errors.ts";

const currencies = new Set(Intl.supportedValuesOf("currency"));
const exponents = new Map<string, number>();

/** Whether this is a currency code of ISO 4217, in upper case. */
export function isCurrency(code: string): boolean {
  return currencies.has(code);
}

/**
 * How many digits the minor unit has: 2 for EUR, 0 for JPY, 3 for KWD.
 *
 * @throws KontorError UNKNOWN_CURRENCY
 */
export function currencyExponent(currency: string): number {
  const known = exponents.get(currency);
  if (known !== undefined) return known;
  if (!isCurrency(currency)) throw moneyErrors.UNKNOWN_CURRENCY({ currency });
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const exponent = format.resolvedOptions().maximumFractionDigits ?? 2;
  exponents.set(currency, exponent);
  return exponent;
}
