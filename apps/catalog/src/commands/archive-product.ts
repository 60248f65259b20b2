import { archive, type Product } from "../domain/product.ts";
import type { Products } from "../ports.ts";

/** Takes a product off the shop. */
export function archiveProduct({ products, now }: { products: Pick<Products, "change">; now: () => Date }) {
  return (productId: string): Promise<Product> => products.change(productId, (product) => archive(product, now()));
}
