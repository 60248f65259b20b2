/** The prefixes of VAT ids of the member states of the European Union; EL is Greece, XI is Northern Ireland, which counts as one for goods. */
const MEMBER_STATES = new Set(
  "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI".split(" "),
);

/** Returns a VAT id as it is compared: capitals, without blanks, dots, dashes and invisible characters. */
export function foldVatId(text: string): string {
  return text
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s.\p{Pd}\p{Cf}]/gu, "");
}

/** Returns the prefix of the member state that a VAT id is from; undefined if it is from none. */
export function memberStateOf(vatId: string): string | undefined {
  const prefix = foldVatId(vatId).slice(0, 2);
  return MEMBER_STATES.has(prefix) ? prefix : undefined;
}

/**
 * Returns whether a customer's VAT id can move the tax to the customer: it is from another member state than the shop's, and the goods are
 * delivered to another one, too. The id must also be verified.
 */
export function allowsReverseCharge(vatId: string, home: string, destination: string): boolean {
  const state = memberStateOf(vatId);
  return state !== undefined && home !== "" && state !== home && destination !== "" && destination !== home;
}
