import { moneyErrors } from "./errors.ts";

/**
 * The currencies of ISO 4217 by the digits of their minor unit. A table of our own and not the runtime's locale data, so
 * that a stored amount means the same on every Node. Units without a minor unit (gold, bonds, testing) are left out; ANG and
 * BGN were withdrawn in 2025 and 2026, but stored amounts may name them.
 *
 * Source: ISO 4217 list one, as of 2026-01-01.
 */
const CODES: Readonly<Record<number, string>> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  2:
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF " +
    "CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF " +
    "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN " +
    "MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS " +
    "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};

const exponents: ReadonlyMap<string, number> = new Map(
  Object.entries(CODES).flatMap(([exponent, codes]) => codes.split(" ").map((code) => [code, Number(exponent)])),
);

/** Returns whether this is a currency code of ISO 4217, in upper case. */
export function isCurrency(code: string): boolean {
  return exponents.has(code);
}

/**
 * Returns how many digits the minor unit has: 2 for EUR and HUF, 0 for JPY, 3 for IQD.
 *
 * ```ts
 * currencyExponent("EUR"); // 2
 * ```
 *
 * @throws KontorError UNKNOWN_CURRENCY
 */
export function currencyExponent(currency: string): number {
  const exponent = exponents.get(currency);
  if (exponent === undefined) throw moneyErrors.UNKNOWN_CURRENCY({ currency });
  return exponent;
}
