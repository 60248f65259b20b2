import { iso31661 } from "iso-3166/1.js";

const assigned: ReadonlySet<string> = new Set(iso31661.map(({ alpha2 }) => alpha2));

/** What to tell a caller whose code is none. */
export const COUNTRY_RULE = "Must be an ISO 3166-1 country code such as DE; the United Kingdom is GB.";

/** Returns whether ISO 3166-1 assigns the alpha-2 code, in upper case. Reserved codes such as UK and EU are not assigned. */
export function isCountry(code: string): boolean {
  return assigned.has(code);
}
