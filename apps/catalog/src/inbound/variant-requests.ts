import type { UpdateCategoryRequest, UpdateVariantRequest } from "@kontor/contracts/catalog/v1/catalog_service";
import type { Category as CategoryMessage, Variant as VariantMessage } from "@kontor/contracts/catalog/v1/product";
import type { Money as MoneyMessage } from "@kontor/contracts/money/v1/money";
import type { Money } from "@kontor/money";
import { readText } from "@kontor/text";
import type { ProposedVariantEdit } from "../commands/change-variants.ts";
import type { CategoryEdit } from "../domain/category.ts";
import type { ProposedVariant } from "../domain/check-product.ts";
import { chosenChanges } from "./masks.ts";

export function moneyOf(price: MoneyMessage | undefined): Money {
  return { currency: price?.currency ?? "", minor: price?.minor ?? 0n };
}

export function variantOf(variant: VariantMessage | undefined): ProposedVariant {
  const { sku = "", title = "", optionValues = {}, weightGrams = 0 } = variant ?? {};
  const price = moneyOf(variant?.price);
  return { sku, title: readText(title), optionValues: readEntries(optionValues), price, weightGrams };
}

function readEntries(entries: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [readText(name), readText(value)]));
}

/** Which fields of a variant to change. */
export function variantEditOf({ variant, updateMask }: UpdateVariantRequest): ProposedVariantEdit {
  return chosenChanges<ProposedVariant, ProposedVariantEdit>(
    variantOf(variant),
    updateMask,
    {
      title: ({ title }) => ({ title }),
      option_values: ({ optionValues }) => ({ optionValues }),
      price: ({ price }) => ({ price }),
      weight_grams: ({ weightGrams }) => ({ weightGrams }),
    },
    ["sku", "archived"],
  );
}

/** The texts of a category. */
export function categoryOf(category: CategoryMessage | undefined) {
  const { id = "", name = "", parentId = "" } = category ?? {};
  return { id, name: readText(name), parentId };
}

/** Which fields of a category to change. */
export function categoryEditOf({ category, updateMask }: UpdateCategoryRequest): CategoryEdit {
  return chosenChanges<ReturnType<typeof categoryOf>, CategoryEdit>(
    categoryOf(category),
    updateMask,
    { name: ({ name }) => ({ name }), parent_id: ({ parentId }) => ({ parentId }) },
    ["id", "archived"],
  );
}
