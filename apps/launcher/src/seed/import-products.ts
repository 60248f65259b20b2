import { type ApiError, apiError } from "@kontor/shop/client";
import { inParallel } from "../in-parallel.ts";
import type { ShopClient } from "../shop-client.ts";
import type { SeedData, SeedProduct } from "./seed-data.ts";

/** Imports the assortment through the public API, as staff. Existing products remain unchanged. */
export async function importProducts(
  shop: ShopClient,
  data: SeedData,
  onProgress: (done: number) => void,
): Promise<void> {
  for (const location of data.locations) await shop.inventory.createLocation({ location });
  for (const category of data.categories)
    await unlessThere(shop.catalog.createCategory({ category }), "CATEGORY_EXISTS");
  let done = 0;
  await inParallel(6, data.products, async (product) => {
    await importProduct(shop, data.currency, product);
    done += 1;
    onProgress(done);
  });
}

async function importProduct(shop: ShopClient, currency: string, product: SeedProduct): Promise<void> {
  const variants = product.variants.map(({ stock: _, price, ...variant }) => ({
    ...variant,
    price: { currency, minor: price },
  }));
  for (const { sku, stock } of product.variants) {
    for (const [locationId, quantity] of Object.entries(stock)) {
      const reference = `seed-${sku}-${locationId}`;
      if (quantity > 0)
        await shop.inventory.restock({ sku, locationId, quantity, reason: "First delivery", reference });
    }
  }
  await unlessThere(shop.catalog.createProduct({ product: { ...product, variants } }), "PRODUCT_EXISTS");
  await shop.catalog.publishProduct({ productId: product.id });
}

async function unlessThere(creation: Promise<unknown>, reason: ApiError["reason"]): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (apiError(error)?.reason !== reason) throw error;
  }
}
