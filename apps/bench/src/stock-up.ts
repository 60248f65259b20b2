import { logIn, shopClient } from "@kontor/launcher";
import type { ShopUnderTest } from "./shop-under-test.ts";

/** Publishes twenty products that never run out, and returns their ids. */
export async function stockUp({ run }: Pick<ShopUnderTest, "run">): Promise<string[]> {
  const { accessToken } = await logIn(run.gateway, run.accounts.staff.email, run.accounts.staff.password);
  const staff = shopClient(run.gateway, accessToken);
  const ids = Array.from({ length: 20 }, (_, index) => `BENCH-${index}`);
  for (const id of ids) {
    const restock = { locationId: "BER", quantity: 1_000_000, reason: "bench", reference: `bench-${id}` };
    await staff.inventory.restock({ sku: id, ...restock });
    const variants = [{ sku: id, price: { currency: "EUR", minor: 1200 }, weightGrams: 300 }];
    const { categories } = await staff.catalog.listCategories();
    await staff.catalog.createProduct({ product: { id, title: id, categoryId: categories[0]?.id ?? "", variants } });
    await staff.catalog.publishProduct({ productId: id });
  }
  return ids;
}
