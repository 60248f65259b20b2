import { catalogErrors } from "./errors.ts";
import { changed, nameless, onSale, type Product, type Variant } from "./product.ts";

/** The changeable fields of a variant. */
export type VariantEdit = Partial<Pick<Variant, "title" | "optionValues" | "price" | "weightGrams">>;

/** The most variants of a product, archived ones included. */
const MAX_VARIANTS = 100;

/** Returns the variant. Throws SKU_NOT_FOUND. */
export function variantOf({ id, variants }: Product, sku: string): Variant {
  const variant = variants.find((candidate) => candidate.sku === sku);
  if (variant === undefined) throw catalogErrors.SKU_NOT_FOUND({ productId: id, sku });
  return variant;
}

/** Adds a variant at the end. The same one again changes nothing. Throws VARIANT_EXISTS, TOO_MANY_VARIANTS. */
export function addVariant(product: Product, variant: Variant, at: Date): Product {
  const added = nameless(variant, product.title);
  const known = product.variants.find(({ sku }) => sku === variant.sku);
  if (known !== undefined && sameVariant(known, added)) return product;
  if (known !== undefined) throw catalogErrors.VARIANT_EXISTS({ productId: product.id, sku: variant.sku });
  if (product.variants.length >= MAX_VARIANTS)
    throw catalogErrors.TOO_MANY_VARIANTS({ productId: product.id, limit: MAX_VARIANTS });
  assertAlone(product, added);
  return changed(product, { variants: [...product.variants, added] }, at);
}

/** Changes the fields of the edit. The same values again change nothing. */
export function editVariant(product: Product, sku: string, edit: VariantEdit, at: Date): Product {
  const before = variantOf(product, sku);
  const after = nameless({ ...before, ...edit }, product.title);
  if (sameVariant(before, after)) return product;
  if (!after.archived) assertAlone(product, after);
  return replaced(product, before, after, at);
}

/** Sets the price of a variant from now on. The same price again changes nothing. */
export function setPrice(product: Product, sku: string, price: bigint, at: Date): Product {
  return editVariant(product, sku, { price }, at);
}

/** Moves a variant to a place, 1 being the first. A place after the last is the last. */
export function moveVariant(product: Product, sku: string, position: number, at: Date): Product {
  const variant = variantOf(product, sku);
  const variants = product.variants.filter((other) => other !== variant);
  variants.splice(position - 1, 0, variant);
  return variants.every((other, place) => other === product.variants[place])
    ? product
    : changed(product, { variants }, at);
}

/** Takes a variant off the shop. Archiving twice changes nothing. Throws LAST_VARIANT. */
export function archiveVariant(product: Product, sku: string, at: Date): Product {
  const variant = variantOf(product, sku);
  if (variant.archived) return product;
  if (onSale(product).length === 1) throw catalogErrors.LAST_VARIANT({ productId: product.id, sku });
  return replaced(product, variant, { ...variant, archived: true }, at);
}

/** Brings an archived variant back. Throws VARIANT_EXISTS if another has its option values by now. */
export function restoreVariant(product: Product, sku: string, at: Date): Product {
  const variant = variantOf(product, sku);
  if (!variant.archived) return product;
  const restored = { ...variant, archived: false };
  assertAlone(product, restored);
  return replaced(product, variant, restored, at);
}

function replaced(product: Product, before: Variant, after: Variant, at: Date): Product {
  return changed(product, { variants: product.variants.map((other) => (other === before ? after : other)) }, at);
}

/** Shoppers choose variants by their option values. Archived variants are no choice. */
function assertAlone(product: Product, { sku, optionValues }: Variant): void {
  if (product.options.length === 0) return;
  const twin = onSale(product).find((other) => other.sku !== sku && sameValues(other.optionValues, optionValues));
  if (twin !== undefined) throw catalogErrors.VARIANT_EXISTS({ productId: product.id, sku: twin.sku });
}

function sameValues(some: Variant["optionValues"], others: Variant["optionValues"]): boolean {
  const names = Object.keys(some);
  return names.length === Object.keys(others).length && names.every((name) => some[name] === others[name]);
}

function sameVariant({ optionValues: some, ...one }: Variant, { optionValues: others, ...other }: Variant): boolean {
  const names = Object.keys(one) as (keyof typeof one)[];
  return sameValues(some, others) && names.every((name) => one[name] === other[name]);
}
