import { checkVAT, countries } from "jsvat-next";

/** Returns whether a folded VAT id has the form and the check digits of a country. Ids of Northern Ireland (XI) have those of GB. */
export function isVatId(vatId: string): boolean {
  return checkVAT(vatId.replace(/^XI/, "GB"), countries).isValid;
}
