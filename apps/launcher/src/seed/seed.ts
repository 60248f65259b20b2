import { apiError } from "@kontor/shop/client";
import type { RunFile } from "../run-file.ts";
import type { ShopClient } from "../shop-client.ts";
import { progress } from "../terminal.ts";
import { fillShop, staffClient } from "./fill-shop.ts";
import { readSeedData } from "./seed-data.ts";
import { isSeeded, markSeeded } from "./seeded.ts";
import { registerShopper } from "./shopper.ts";

/** The parts of a shop that an import needs. */
export type SeedTarget = Pick<RunFile, "gateway" | "accounts">;

/** Fills an empty shop. Repeating it changes nothing, and costs next to nothing once it was completed. */
export async function seed(dataDir: string, { gateway, accounts }: SeedTarget): Promise<void> {
  await registerShopper(gateway, accounts.shopper.password);
  const { data } = readSeedData();
  const staff = await staffClient(gateway, accounts.staff);
  if (isSeeded(dataDir) && (await isThere(staff, "P-101"))) {
    progress(`seed   ${data.products.length} products are there already`);
    return;
  }
  await fillShop(staff, data, progress);
  markSeeded(dataDir);
}

async function isThere(shop: ShopClient, productId: string): Promise<boolean> {
  try {
    await shop.catalog.getProduct({ productId });
    return true;
  } catch (error) {
    if (apiError(error)?.reason === "PRODUCT_NOT_FOUND") return false;
    throw error;
  }
}
