import { type Product, publish } from "../domain/product.ts";
import type { Products } from "../ports.ts";

/** Shows a product to shoppers. */
export function publishProduct({ products, now }: { products: Pick<Products, "change">; now: () => Date }) {
  return (productId: string): Promise<Product> => products.change(productId, (product) => publish(product, now()));
}
