import type { RpcClient } from "@kontor/rpc";
import { type CatalogService, type QuotedItem, QuoteProblem } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { present } from "@kontor/text";
import type { Catalog } from "../callees.ts";
import type { Quote } from "../domain/place.ts";
import { createSharedRead } from "./shared-read.ts";

type Wanted = Parameters<Catalog["quote"]>[0][number];

/** The catalog over gRPC. Orders that are placed at the same time share a call. */
export function catalogClient(catalog: RpcClient<typeof CatalogService>): Catalog {
  const quote = createSharedRead<readonly Wanted[], readonly Quote[]>({
    name: "orders.quote",
    sizeOf: (items) => items.length,
    async call(requests, options) {
      const wanted = requests.flat().map(({ productId, sku }) => ({ productId, ...present({ sku }) }));
      const quotes = (await catalog.quoteItems({ items: wanted }, options)).items.map(quoteOf);
      const rest = quotes.values();
      return requests.map((items) => [...rest.take(items.length)]);
    },
  });
  return { quote };
}

function quoteOf({ productId, sku = "", title = "", unitPrice, weightGrams, problem }: QuotedItem): Quote {
  const { currency, minor } = unitPrice ?? { currency: "", minor: 0n };
  const quote = {
    productId,
    sku,
    title,
    unitPrice: { currency, minor },
    weightGrams,
    categoryIds: [],
    taxCategory: "",
  };
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
