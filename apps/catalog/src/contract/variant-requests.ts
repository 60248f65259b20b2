import type { Money as MoneyMessage } from "@kontor/contracts/money/v1/money";
import type { Money } from "@kontor/money";
import type { Category as CategoryMessage, Variant as VariantMessage } from "@kontor/shop/contracts/catalog/v1/product";
import { readText } from "@kontor/text";
import type { ProposedVariant } from "../domain/check-product.ts";

export function moneyOf(price: MoneyMessage | undefined): Money {
  return { currency: price?.currency ?? "", minor: price?.minor ?? 0n };
}

export function variantOf(variant: VariantMessage | undefined): ProposedVariant {
  const { sku = "", title = "", optionValues = {}, weightGrams = 0 } = variant ?? {};
  const price = moneyOf(variant?.price);
  return { sku, title: readText(title), optionValues: readEntries(optionValues), price, weightGrams };
}

/** Returns option values with their texts as they are stored. */
export function readEntries(entries: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [readText(name), readText(value)]));
}

/** The texts of a category. */
export function categoryOf(category: CategoryMessage | undefined) {
  const { id = "", name = "", parentId = "" } = category ?? {};
  return { id, name: readText(name), parentId };
}
