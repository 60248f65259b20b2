import type { Money } from "@kontor/money";
import { checkCurrency } from "../domain/check-product.ts";
import { validate } from "../domain/checks.ts";
import type { Product } from "../domain/product.ts";
import { setPrice as priced } from "../domain/variants.ts";
import type { Products } from "../ports.ts";

export type SetPrice = { readonly productId: string; readonly sku: string; readonly price: Money };

/** Sets the price of a variant from now on, in the currency of its product. */
export function setPrice({ products, now }: { products: Pick<Products, "change">; now: () => Date }) {
  return ({ productId, sku, price }: SetPrice): Promise<Product> =>
    products.change(productId, (product) => {
      validate(checkCurrency(price, "price", product.currency));
      return priced(product, sku, price.minor, now());
    });
}
