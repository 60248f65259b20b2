import { catalogErrors } from "../domain/errors.ts";
import { edit, type Product, type ProductEdit } from "../domain/product.ts";
import type { Products } from "../ports.ts";

export type UpdateProduct = {
  readonly productId: string;
  /** Returns the changes of the stored product. */
  readonly editOf: (product: Product) => ProductEdit;
  /** The version that the client has read; 0: any. */
  readonly seenVersion: number;
};

/** Changes fields of a product. Throws PRODUCT_CHANGED if the client has read another version. */
export function updateProduct({ products, now }: { products: Pick<Products, "change">; now: () => Date }) {
  return ({ productId, editOf, seenVersion }: UpdateProduct): Promise<Product> => {
    return products.change(productId, (product) => {
      const { version } = product;
      if (seenVersion !== 0 && seenVersion !== version)
        throw catalogErrors.PRODUCT_CHANGED({ productId, seenVersion, version });
      return edit(product, editOf(product), now());
    });
  };
}
