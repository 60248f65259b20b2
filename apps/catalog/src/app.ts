import { defineService } from "@kontor/service";
import { archiveProduct } from "./commands/archive-product.ts";
import { createCategory } from "./commands/create-category.ts";
import { createProduct } from "./commands/create-product.ts";
import { publishProduct } from "./commands/publish-product.ts";
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
import { listProducts } from "./queries/list-products.ts";
import { quoteItems } from "./queries/quote-items.ts";
import { searchProducts } from "./queries/search-products.ts";

/** The catalog service. */
export const catalogApp = defineService({
  name: "catalog",
  settings,
  migrations: new URL("../prisma/migrations/", import.meta.url),
  build({ db }) {
    const now = () => new Date();
    const categories = createCategoryStore(db);
    const products = createProductStore(db);
    return {
      services: [
        catalogService({
          createCategory: createCategory({ categories }),
          listCategories: categories.list,
          createProduct: createProduct({ products, now }),
          updateProduct: updateProduct({ products, now }),
          publishProduct: publishProduct({ products, now }),
          archiveProduct: archiveProduct({ products, now }),
          setPrice: setPrice({ products, now }),
          getProduct: products.getPublished,
          getAnyProduct: products.get,
          listProducts: listProducts({ products }),
          searchProducts: searchProducts({ search: createSearch(db) }),
          quoteItems: quoteItems({ quotes: createQuotes(db) }),
        }),
      ],
      consumers: searchConsumers({ searchIndex }),
    };
  },
});
