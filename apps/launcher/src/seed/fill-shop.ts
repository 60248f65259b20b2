import type { Account } from "../run-file.ts";
import { logIn, type ShopClient, shopClient } from "../shop-client.ts";
import { importProducts } from "./import-products.ts";
import type { SeedData } from "./seed-data.ts";

/** Returns a client of staff. */
export async function staffClient(gateway: string, { email, password }: Account): Promise<ShopClient> {
  const { accessToken } = await logIn(gateway, email, password);
  return shopClient(gateway, accessToken);
}

/** Imports the assortment as staff, and reports how far it got. Repeating it changes nothing. */
export async function fillShop(staff: ShopClient, data: SeedData, report: (text: string) => void): Promise<void> {
  const { products, categories } = data;
  report(`seed   importing ${products.length} products in ${categories.length} categories …`);
  await importProducts(staff, data, (done) => {
    if (done % 50 === 0) report(`seed   ${done} of ${products.length} products`);
  });
}
