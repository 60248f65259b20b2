import { definePages, type PageRequest } from "@kontor/paging";
import { pricingErrors } from "../domain/errors.ts";
import type { RuleStore } from "../ports.ts";

const pages = definePages({
  list: "pricing.prices",
  domain: "pricing.shop",
  cursor: { sku: /[\w-]{1,64}/, currency: /[A-Z]{3}/, minQuantity: /\d{1,5}/ },
});

/** Returns a page of the prices of a list. Throws RULE_NOT_FOUND. */
export const listPrices =
  ({ rules }: { readonly rules: Pick<RuleStore, "refresh" | "listPrices"> }) =>
  async (priceListId: string, request: PageRequest) => {
    const { after, ...page } = pages.read(request, { priceListId });
    const book = await rules.refresh();
    if (!book.rules["price-list"].has(priceListId))
      throw pricingErrors.RULE_NOT_FOUND({ kind: "price-list", id: priceListId });
    const from = after && { ...after, minQuantity: Number(after.minQuantity) };
    const prices = await rules.listPrices(priceListId, { after: from, limit: page.limit });
    return page.of(prices, ({ sku, currency, minQuantity }) => ({ sku, currency, minQuantity }));
  };
