import { defineService, repeat } from "@kontor/service";
import { shop } from "@kontor/shop";
import { archiveProduct } from "./commands/archive-product.ts";
import { changeCategory } from "./commands/change-category.ts";
import { changeVariants } from "./commands/change-variants.ts";
import { createCategory } from "./commands/create-category.ts";
import { createProduct } from "./commands/create-product.ts";
import { publishProduct } from "./commands/publish-product.ts";
import { type ReindexProgress, reindexSearch } from "./commands/reindex-search.ts";
import { setPrice } from "./commands/set-price.ts";
import { updateProduct } from "./commands/update-product.ts";
import { settings } from "./config.ts";
import { searchConsumers } from "./inbound/events.ts";
import { catalogService } from "./inbound/grpc.ts";
import { createCategoryStore } from "./outbound/category-store.ts";
import { createProductStore } from "./outbound/product-store.ts";
import { createQuotes } from "./outbound/quotes.ts";
import { searchIndex } from "./outbound/search-index.ts";
import { createSearch } from "./outbound/search-store.ts";
import { listAnyProducts } from "./queries/list-any-products.ts";
import { listCategories } from "./queries/list-categories.ts";
import { listProducts } from "./queries/list-products.ts";
import { quoteItems } from "./queries/quote-items.ts";
import { searchProducts } from "./queries/search-products.ts";

const REINDEX_INTERVAL_MS = 15_000;

/** The catalog service. */
export const catalogApp = defineService({
  system: shop,
  name: "catalog",
  settings,
  migrations: new URL("../prisma/migrations/", import.meta.url),
  build({ db, log, config: { currencies }, now }) {
    const stopping = new AbortController();
    const onProgress = (progress: ReindexProgress) => log.info(progress, "search index updated");
    const categories = createCategoryStore(db);
    const products = createProductStore(db);
    const reindexing = repeat(
      REINDEX_INTERVAL_MS,
      reindexSearch({ db, products, searchIndex, signal: stopping.signal, onProgress }),
      (err) => log.warn({ err }, "search index not updated; retrying"),
    );
    return {
      services: [
        catalogService({
          createCategory: createCategory({ categories }),
          listCategories: listCategories({ categories }),
          categories: changeCategory({ categories }),
          variants: changeVariants({ products, now }),
          listAnyProducts: listAnyProducts({ products }),
          createProduct: createProduct({ products, now }),
          updateProduct: updateProduct({ products, now }),
          publishProduct: publishProduct({ products, currencies, now }),
          archiveProduct: archiveProduct({ products, now }),
          setPrice: setPrice({ products, now }),
          getProduct: products.getPublished,
          getAnyProduct: products.get,
          listProducts: listProducts({ products }),
          searchProducts: searchProducts({ search: createSearch(db.reads), currencies }),
          quoteItems: quoteItems({ quotes: createQuotes(db) }),
        }),
      ],
      consumers: searchConsumers({ searchIndex }),
      background: [
        {
          start: reindexing.start,
          stop() {
            stopping.abort();
            return reindexing.stop();
          },
        },
      ],
    };
  },
});
