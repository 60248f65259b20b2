import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type ConsumerDefinition, defineConsumer, on, onBatch } from "@kontor/messaging";
import { ProductChangedSchema } from "@kontor/shop/contracts/catalog/v1/events";
import { type Product, ProductStatus } from "@kontor/shop/contracts/catalog/v1/product";
import { StockChangedSchema } from "@kontor/shop/contracts/inventory/v1/events";
import { moneyOf } from "../contract/variant-requests.ts";
import type { SearchEntry, SearchIndex } from "../ports.ts";

/** Returns the consumers of search: of its own products, and of the stock in inventory. */
export function searchConsumers({ searchIndex }: { searchIndex: SearchIndex }): readonly ConsumerDefinition[] {
  return [
    defineConsumer({
      durable: "catalog-search-products",
      stream: "catalog",
      handlers: [
        on(ProductChangedSchema, async ({ product }, { tx }) => {
          if (product !== undefined) await searchIndex.storeProduct(tx, entryOf(product));
        }),
      ],
    }),
    defineConsumer({
      durable: "catalog-search-stock",
      stream: "inventory",
      handlers: [
        onBatch(StockChangedSchema, (changes, tx) =>
          searchIndex.storeStock(
            tx,
            changes.map(({ event }) => event),
          ),
        ),
      ],
    }),
  ];
}

function entryOf({ id, status, createdAt, ...product }: Product): SearchEntry {
  const { version, title, description = "", categoryId } = product;
  const variants = product.variants
    .filter(({ archived }) => !archived)
    .map(({ sku, price, ...variant }) => {
      return { sku, title: variant.title, optionValues: variant.optionValues, price: moneyOf(price).minor };
    });
  return {
    ...{ productId: id, version, title, description, categoryId, variants },
    visible: status === ProductStatus.PUBLISHED,
    currency: moneyOf(product.variants[0]?.price).currency,
    createdAt: createdAt ? timestampDate(createdAt) : new Date(0),
  };
}
