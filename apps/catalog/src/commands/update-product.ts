import { checkEdit } from "../domain/check-product.ts";
import { catalogErrors } from "../domain/errors.ts";
import { edit, type Product, type ProductEdit } from "../domain/product.ts";
import type { Products } from "../ports.ts";

export type UpdateProduct = {
  readonly productId: string;
  readonly changes: ProductEdit;
  /** The version that was seen, 0 if that does not matter. */
  readonly seenVersion: number;
};

/** Changes fields of a product, if wanted only as it was seen. */
export function updateProduct({ products, now }: { products: Pick<Products, "change">; now: () => Date }) {
  return ({ productId, changes, seenVersion }: UpdateProduct): Promise<Product> => {
    checkEdit(changes);
    return products.change(productId, (product) => {
      const { version } = product;
      if (seenVersion !== 0 && seenVersion !== version)
        throw catalogErrors.PRODUCT_CHANGED({ productId, seenVersion, version });
      return edit(product, changes, now());
    });
  };
}
