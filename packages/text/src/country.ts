import { iso31661 } from "iso-3166/1.js";

const assigned: ReadonlySet<string> = new Set(iso31661.map(({ alpha2 }) => alpha2));

/**
 * Returns whether ISO 3166-1 assigns the alpha-2 code, in upper case. Reserved codes such as UK and EU are not assigned.
 *
 * ```ts
 * isCountry("DE"); // true
 * isCountry("UK"); // false: the code of the United Kingdom is GB
 * ```
 */
export function isCountry(code: string): boolean {
  return assigned.has(code);
}
