import { type Product, publish } from "../domain/product.ts";
import type { Products } from "../ports.ts";

/** Puts a product on sale, listed or not. */
export function publishProduct({
  products,
  currencies,
  now,
}: {
  readonly products: Pick<Products, "change">;
  /** Those that the shop serves. */
  readonly currencies: readonly string[];
  readonly now: () => Date;
}) {
  return (productId: string, { unlisted = false } = {}): Promise<Product> =>
    products.change(productId, (product) => publish(product, now(), { currencies, unlisted }));
}
