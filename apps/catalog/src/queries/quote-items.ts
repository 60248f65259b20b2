import { violation } from "@kontor/errors";
import { check, checkId, validate } from "../domain/checks.ts";
import type { Quote, Quotes, WantedItem } from "../ports.ts";

/** Tells what items really cost, or why they cannot be ordered. */
export function quoteItems({ quotes }: { quotes: Quotes }) {
  return (items: readonly WantedItem[]): Promise<readonly Quote[]> => {
    validate(
      check(items.length >= 1 && items.length <= 100, violation("items", "WRONG_COUNT", { min: 1, max: 100 })),
      ...items
        .slice(0, 100)
        .flatMap(({ productId, sku }, index) => [
          checkId(productId, `items[${index}].productId`),
          sku !== "" && checkId(sku, `items[${index}].sku`),
        ]),
    );
    return quotes.quote(items);
  };
}
