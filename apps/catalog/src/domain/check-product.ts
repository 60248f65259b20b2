import { violation } from "@kontor/errors";
import { isCurrency, type Money } from "@kontor/money";
import { isWebAddress } from "@kontor/text";
import { type Check, check, checkCategoryId, checkId, checkName, checkText, validate } from "./checks.ts";
import type { Product, ProductContent, ProductEdit, Variant } from "./product.ts";

export type ProposedVariant = Omit<Variant, "price" | "archived"> & { readonly price: Money };

/** A product as it came in. */
export type ProposedProduct = Required<ProductEdit> & {
  /** Empty: the server makes one. */
  readonly id: string;
  readonly options: readonly string[];
  readonly variants: readonly ProposedVariant[];
};

/** The content of a proposal. Throws INVALID_REQUEST naming every field at fault. */
export function contentOf({ id, variants, ...proposal }: ProposedProduct): ProductContent {
  const currency = variants[0]?.price.currency ?? "";
  validate(
    id !== "" && checkId(id, "product.id"),
    ...editChecks(proposal),
    ...optionChecks(proposal.options),
    check(
      variants.length >= 1 && variants.length <= 100,
      violation("product.variants", "WRONG_COUNT", { min: 1, max: 100 }),
    ),
    ...variants.slice(0, 100).flatMap((variant, index) => {
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

/** Throws INVALID_REQUEST naming every field at fault of a variant that a product is to have. */
export function checkVariant(variant: ProposedVariant, { options, currency }: Product): void {
  validate(...variantChecks(variant, "variant", options, currency));
}

/** Throws INVALID_REQUEST naming every field at fault. */
export function checkEdit(edit: ProductEdit): void {
  validate(...editChecks(edit));
}

function editChecks({ title, description, categoryId, mediaUrls }: ProductEdit): readonly Check[] {
  return [
    title !== undefined && checkName(title, "product.title"),
    description !== undefined && checkText(description, "product.description", 10_000),
    categoryId !== undefined && checkCategoryId(categoryId, "product.categoryId"),
    mediaUrls !== undefined && check(mediaUrls.length <= 20, violation("product.mediaUrls", "TOO_MANY", { max: 20 })),
    ...(mediaUrls ?? []).slice(0, 20).map((url, index) => {
      return check(isWebAddress(url), violation(`product.mediaUrls[${index}]`, "NOT_A_URL"));
    }),
  ];
}

function optionChecks(options: readonly string[]): readonly Check[] {
  return [
    check(options.length <= 5, violation("product.options", "TOO_MANY", { max: 5 })),
    ...options.flatMap((option, index) => [
      checkName(option, `product.options[${index}]`, 50),
      check(options.indexOf(option) === index, violation(`product.options[${index}]`, "DUPLICATE")),
    ]),
  ];
}

function variantChecks(
  variant: ProposedVariant,
  field: string,
  options: readonly string[],
  currency: string,
): readonly Check[] {
  return [
    checkId(variant.sku, `${field}.sku`),
    variant.title !== "" && checkName(variant.title, `${field}.title`),
    ...optionValueChecks(variant, `${field}.optionValues`, options),
    ...priceChecks(variant.price, `${field}.price`, currency),
    check(variant.weightGrams >= 0, violation(`${field}.weightGrams`, "TOO_SMALL", { min: 0 })),
  ];
}

/** No two variants have the same SKU or option values. */
function twinChecks(
  variant: ProposedVariant,
  before: readonly ProposedVariant[],
  field: string,
  options: readonly string[],
): readonly Check[] {
  const values = (of: ProposedVariant) => JSON.stringify(options.map((option) => chosenValue(of.optionValues, option)));
  const hasTwin = options.length > 0 && before.some((other) => values(other) === values(variant));
  const isNamed = before.some(({ sku }) => sku === variant.sku);
  return [
    check(!isNamed, violation(`${field}.sku`, "DUPLICATE")),
    check(!hasTwin, violation(`${field}.optionValues`, "DUPLICATE")),
  ];
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

/** A price is an amount in a known currency, the same for all variants, not negative. */
export function priceChecks({ currency, minor }: Money, field: string, expected = currency): readonly Check[] {
  return [
    check(isCurrency(currency), violation(`${field}.currency`, "NOT_A_CURRENCY")),
    check(currency === expected, violation(`${field}.currency`, "MISMATCH", { expected })),
    check(minor >= 0n, violation(`${field}.minor`, "TOO_SMALL", { min: 0 })),
  ];
}
