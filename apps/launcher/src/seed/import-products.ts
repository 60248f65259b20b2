import { inParallel } from "../in-parallel.ts";
import { type ShopClient, ShopError } from "../shop-client.ts";
import type { SeedData, SeedProduct } from "./seed-data.ts";

/** Imports the assortment through the public API, as staff. Existing products remain unchanged. */
export async function importProducts(
  shop: ShopClient,
  data: SeedData,
  onProgress: (done: number) => void,
): Promise<void> {
  for (const location of data.locations) await shop.post("/api/v1/locations", location);
  for (const category of data.categories)
    await unlessThere(shop.post("/api/v1/categories", category), "CATEGORY_EXISTS");
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
      const restock = { locationId, quantity, reason: "First delivery", reference: `seed-${sku}-${locationId}` };
      if (quantity > 0) await shop.post(`/api/v1/stock/${sku}:restock`, restock);
    }
  }
  await unlessThere(shop.post("/api/v1/products", { ...product, variants }), "PRODUCT_EXISTS");
  await shop.post(`/api/v1/products/${product.id}:publish`, {});
}

async function unlessThere(creation: Promise<unknown>, reason: string): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!(error instanceof ShopError && error.reason === reason)) throw error;
  }
}
