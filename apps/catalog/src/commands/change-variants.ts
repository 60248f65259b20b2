import { asVariant, checkVariant, type ProposedVariant } from "../domain/check-product.ts";
import type { Product } from "../domain/product.ts";
import { addVariant, archiveVariant, editVariant, moveVariant, restoreVariant, variantOf } from "../domain/variants.ts";
import type { Products } from "../ports.ts";

/** Which variant of which product. */
export type VariantRef = { readonly productId: string; readonly sku: string };
export type ProposedVariantEdit = Partial<Omit<ProposedVariant, "sku">>;

/** Adds, changes, moves, archives and restores variants. Each changes the product, which is published whole. */
export function changeVariants({ products, now }: { products: Pick<Products, "change">; now: () => Date }) {
  return {
    add: (productId: string, variant: ProposedVariant): Promise<Product> =>
      products.change(productId, (product) => {
        checkVariant(variant, product);
        return addVariant(product, asVariant(variant), now());
      }),

    edit: ({ productId, sku }: VariantRef, editOf: (product: Product) => ProposedVariantEdit): Promise<Product> =>
      products.change(productId, (product) => {
        const { archived: _, ...before } = variantOf(product, sku);
        const edit = editOf(product);
        if (Object.keys(edit).length === 0) return product;
        const after = { ...before, price: { currency: product.currency, minor: before.price }, ...edit };
        checkVariant(after, product);
        return editVariant(product, sku, { ...after, price: after.price.minor }, now());
      }),

    move: ({ productId, sku }: VariantRef, position: number): Promise<Product> =>
      products.change(productId, (product) => moveVariant(product, sku, position, now())),

    archive: ({ productId, sku }: VariantRef): Promise<Product> =>
      products.change(productId, (product) => archiveVariant(product, sku, now())),

    restore: ({ productId, sku }: VariantRef): Promise<Product> =>
      products.change(productId, (product) => restoreVariant(product, sku, now())),
  };
}
