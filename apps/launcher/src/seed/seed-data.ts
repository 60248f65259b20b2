import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

type SeedVariant = {
  sku: string;
  title?: string;
  optionValues?: Record<string, string>;
  price: number;
  weightGrams: number;
  /** Units per location. */
  stock: Record<string, number>;
};

export type SeedProduct = {
  id: string;
  title: string;
  description: string;
  categoryId: string;
  options?: string[];
  variants: SeedVariant[];
};

export type SeedData = {
  currency: string;
  locations: { id: string; name: string }[];
  categories: { id: string; name: string }[];
  products: SeedProduct[];
};

const file = new URL("../../data/products.json", import.meta.url);

/** The assortment of the example shop, and a fingerprint that shows whether it was imported already. */
export function readSeedData(): { data: SeedData; fingerprint: string } {
  const text = readFileSync(file, "utf8");
  return { data: JSON.parse(text), fingerprint: createHash("sha256").update(text).digest("hex") };
}
