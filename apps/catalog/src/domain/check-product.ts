import { violation } from "@kontor/errors";
import type { Money } from "@kontor/money";
import { type Check, check, checkName, validate } from "./checks.ts";
import type { Product, ProductContent, ProductEdit, Variant } from "./product.ts";

export type ProposedVariant = Omit<Variant, "price" | "archived"> & { readonly price: Money };

/** A received product. */
export type ProposedProduct = Required<ProductEdit> & {
  /** Empty: the server makes one. */
  readonly id: string;
  readonly options: readonly string[];
  readonly variants: readonly ProposedVariant[];
};

/** Returns the content of a proposal. Throws INVALID_REQUEST naming every field that does not fit the others. */
export function contentOf({ id: _, variants, ...proposal }: ProposedProduct): ProductContent {
  const currency = variants[0]?.price.currency ?? "";
  validate(
    ...optionChecks(proposal.options),
    ...variants.flatMap((variant, index) => {
      const before = variants.slice(0, index);
      const field = `product.variants[${index}]`;
      return [
        ...twinChecks(variant, before, field, proposal.options),
        ...variantChecks(variant, field, proposal.options, currency),
      ];
    }),
  );
  return { ...proposal, currency, variants: variants.map(asVariant) };
}

/** The variant of a proposal, in the currency of its product. */
export function asVariant({ price, ...variant }: ProposedVariant): Variant {
  return { ...variant, price: price.minor, archived: false };
}

/** Throws INVALID_REQUEST naming every field of a variant that does not fit the product. */
export function checkVariant(variant: ProposedVariant, { options, currency }: Product): void {
  validate(...variantChecks(variant, "variant", options, currency));
}

function optionChecks(options: readonly string[]): readonly Check[] {
  return options.map((option, index) =>
    check(options.indexOf(option) === index, violation(`product.options[${index}]`, "DUPLICATE")),
  );
}

function variantChecks(
  variant: ProposedVariant,
  field: string,
  options: readonly string[],
  currency: string,
): readonly Check[] {
  return [
    ...optionValueChecks(variant, `${field}.optionValues`, options),
    checkCurrency(variant.price, `${field}.price`, currency),
  ];
}

/** No two variants have the same option values. */
function twinChecks(
  variant: ProposedVariant,
  before: readonly ProposedVariant[],
  field: string,
  options: readonly string[],
): readonly Check[] {
  const values = (of: ProposedVariant) => JSON.stringify(options.map((option) => chosenValue(of.optionValues, option)));
  const hasTwin = options.length > 0 && before.some((other) => values(other) === values(variant));
  return [check(!hasTwin, violation(`${field}.optionValues`, "DUPLICATE"))];
}

function optionValueChecks(
  { optionValues }: ProposedVariant,
  field: string,
  options: readonly string[],
): readonly Check[] {
  const strangers = Object.keys(optionValues).filter((option) => !options.includes(option));
  return [
    ...strangers.map((option) => violation(`${field}.${option}`, "NOT_IN", { values: options })),
    ...options.map((option) => checkName(chosenValue(optionValues, option), `${field}.${option}`, 100)),
  ];
}

/** Empty if there is none; an option may be called `constructor`. */
function chosenValue(optionValues: Variant["optionValues"], option: string): string {
  return Object.hasOwn(optionValues, option) ? (optionValues[option] ?? "") : "";
}

/** All prices of a product are in its currency. */
export function checkCurrency({ currency }: Money, field: string, expected: string): Check {
  return check(currency === expected, violation(`${field}.currency`, "MISMATCH", { expected }));
}
