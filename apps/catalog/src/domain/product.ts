import { catalogErrors } from "./errors.ts";

export type ProductStatus = "draft" | "published" | "unlisted" | "archived";

export type Variant = {
  readonly sku: string;
  /** Empty: the product's title. */
  readonly title: string;
  readonly optionValues: Readonly<Record<string, string>>;
  /** In minor units of the product's currency. */
  readonly price: bigint;
  readonly weightGrams: number;
  /** Whether it cannot be ordered any more. */
  readonly archived: boolean;
};

/** The fields that staff write. */
export type ProductContent = {
  readonly title: string;
  readonly description: string;
  readonly categoryId: string;
  readonly mediaUrls: readonly string[];
  readonly options: readonly string[];
  /** One for all variants: a product is never sold in two currencies. */
  readonly currency: string;
  readonly variants: readonly Variant[];
};

/** Something the shop sells. */
export type Product = ProductContent & {
  readonly id: string;
  readonly status: ProductStatus;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** The fields that can be changed after a product was created. */
export type ProductEdit = Partial<Pick<ProductContent, "title" | "description" | "categoryId" | "mediaUrls">>;

/** A new product, which only staff see. A variant named like the product has no separate name. */
export function draft(id: string, content: ProductContent, at: Date): Product {
  const variants = content.variants.map((variant) => nameless(variant, content.title));
  return { ...content, variants, id, status: "draft", version: 1, createdAt: at, updatedAt: at };
}

/**
 * Puts the product on sale, an archived one again too; unlisted, no list shows it. Publishing twice changes nothing. Throws
 * CURRENCY_NOT_SERVED unless the shop serves its currency.
 */
export function publish(
  product: Product,
  at: Date,
  { currencies, unlisted = false }: { readonly currencies: readonly string[]; readonly unlisted?: boolean },
): Product {
  const status = unlisted ? "unlisted" : "published";
  const { id: productId, currency } = product;
  if (!currencies.includes(currency))
    throw catalogErrors.CURRENCY_NOT_SERVED({ productId, currency, served: currencies.join(", ") });
  return product.status === status ? product : changed(product, { status }, at);
}

/** Takes the product off the shop. Archiving twice changes nothing; a draft was never on sale. */
export function archive(product: Product, at: Date): Product {
  switch (product.status) {
    case "archived":
      return product;
    case "published":
    case "unlisted":
      return changed(product, { status: "archived" }, at);
    case "draft":
      throw catalogErrors.PRODUCT_NOT_PUBLISHED({ productId: product.id });
  }
}

/** Changes the fields of the edit. The same values again change nothing. */
export function edit(product: Product, changes: ProductEdit, at: Date): Product {
  const names = Object.keys(changes) as (keyof ProductEdit)[];
  const same = names.every((name) => JSON.stringify(changes[name]) === JSON.stringify(product[name]));
  return same ? product : changed(product, changes, at);
}

/** A variant that is named like its product has no separate name. */
export function nameless(variant: Variant, title: string): Variant {
  return variant.title === title ? { ...variant, title: "" } : variant;
}

/** The variants that can be ordered once the product is on sale. */
export function onSale({ variants }: Pick<Product, "variants">): readonly Variant[] {
  return variants.filter(({ archived }) => !archived);
}

/** Returns the product after a change: one version later. */
export function changed(product: Product, changes: Partial<Product>, at: Date): Product {
  return { ...product, ...changes, version: product.version + 1, updatedAt: at };
}
