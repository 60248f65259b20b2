import type { RpcClient } from "@kontor/rpc";
import { type CatalogService, type QuotedItem, QuoteProblem } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { present } from "@kontor/text";
import type { Quote } from "../domain/place.ts";
import type { Catalog } from "../ports.ts";
import { RETRY_UNTIL_DEADLINE } from "./placement-reads.ts";

/** The catalog over gRPC. */
export function catalogClient(catalog: RpcClient<typeof CatalogService>): Catalog {
  return {
    quote: async (items) => {
      const wanted = items.map(({ productId, sku }) => ({ productId, ...present({ sku }) }));
      return (await catalog.quoteItems({ items: wanted }, RETRY_UNTIL_DEADLINE)).items.map(quoteOf);
    },
  };
}

function quoteOf({ productId, sku = "", title = "", unitPrice, weightGrams, problem }: QuotedItem): Quote {
  const { currency, minor } = unitPrice ?? { currency: "", minor: 0n };
  const quote = { productId, sku, title, unitPrice: { currency, minor }, weightGrams };
  switch (problem) {
    case QuoteProblem.UNSPECIFIED:
      return quote;
    case QuoteProblem.UNKNOWN_SKU:
      return { ...quote, problem: "UNKNOWN_SKU" };
    case QuoteProblem.SKU_REQUIRED:
      return { ...quote, problem: "SKU_REQUIRED" };
    default:
      return { ...quote, problem: "UNKNOWN_PRODUCT" };
  }
}
