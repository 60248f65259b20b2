/** The payment methods of a shopper. `orders` and `payments` share it, so that both refuse the same names. */
export interface PaymentMethods {
  /** The accepted values. `tok_*` means every token with that prefix. */
  readonly names: readonly string[];
  /** Returns whether the shop takes this method. */
  has(method: string): boolean;
}

/** The default of the setting `PAYMENT_METHODS`: the usual card, and the tokens that the provider's form makes of cards. */
export const DEFAULT_PAYMENT_METHODS: readonly string[] = ["card", "tok_*"];

/** The description of the setting, for its documentation. */
export const PAYMENT_METHODS_DOC =
  "Payment methods that orders may name, separated by commas. `tok_*` admits every token of the provider with that prefix.";

/** Reads the entries of the setting. An entry that ends with `*` admits 1 to 60 letters, digits, `_` and `-` after its prefix. */
export function paymentMethods(entries: readonly string[]): PaymentMethods {
  const names = new Set(entries.filter((entry) => !entry.endsWith("*")));
  const prefixes = entries.filter((entry) => entry.endsWith("*")).map((entry) => entry.slice(0, -1));
  return {
    names: entries,
    has: (method) =>
      names.has(method) ||
      prefixes.some((prefix) => method.startsWith(prefix) && /^[\w-]{1,60}$/.test(method.slice(prefix.length))),
  };
}
