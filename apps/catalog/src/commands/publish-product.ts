import { type Product, publish } from "../domain/product.ts";
import type { Products } from "../ports.ts";

/** Puts a product on sale, listed or not. */
export function publishProduct({ products, now }: { products: Pick<Products, "change">; now: () => Date }) {
  return (productId: string, options?: { unlisted: boolean }): Promise<Product> =>
    products.change(productId, (product) => publish(product, now(), options));
}
