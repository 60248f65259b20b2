import { CatalogService } from "@kontor/contracts/catalog/v1/catalog_service";
import { type Implementation, implement } from "@kontor/rpc";
import { readText } from "@kontor/text";
import type { archiveProduct } from "../commands/archive-product.ts";
import type { createCategory } from "../commands/create-category.ts";
import type { createProduct } from "../commands/create-product.ts";
import type { publishProduct } from "../commands/publish-product.ts";
import type { setPrice } from "../commands/set-price.ts";
import type { updateProduct } from "../commands/update-product.ts";
import { productMessage } from "../outbound/product-message.ts";
import type { Products } from "../ports.ts";
import type { listCategories } from "../queries/list-categories.ts";
import type { listProducts } from "../queries/list-products.ts";
import type { quoteItems } from "../queries/quote-items.ts";
import type { searchProducts } from "../queries/search-products.ts";
import { moneyOf, proposalOf, quotedItem, updateOf } from "./requests.ts";
import { searchAnswer, searchOf } from "./search-messages.ts";

type Needs = {
  readonly createCategory: ReturnType<typeof createCategory>;
  readonly listCategories: ReturnType<typeof listCategories>;
  readonly createProduct: ReturnType<typeof createProduct>;
  readonly updateProduct: ReturnType<typeof updateProduct>;
  readonly publishProduct: ReturnType<typeof publishProduct>;
  readonly archiveProduct: ReturnType<typeof archiveProduct>;
  readonly setPrice: ReturnType<typeof setPrice>;
  readonly getProduct: Products["getPublished"];
  readonly getAnyProduct: Products["get"];
  readonly listProducts: ReturnType<typeof listProducts>;
  readonly searchProducts: ReturnType<typeof searchProducts>;
  readonly quoteItems: ReturnType<typeof quoteItems>;
};

/** CatalogService over gRPC. */
export function catalogService(app: Needs): Implementation {
  return implement(CatalogService, {
    async createCategory({ category }) {
      const { id = "", name = "", parentId = "" } = category ?? {};
      return { category: await app.createCategory({ id, name: readText(name), parentId }) };
    },
    async listCategories() {
      return { categories: [...(await app.listCategories())] };
    },
    async createProduct({ product }) {
      return { product: productMessage(await app.createProduct(proposalOf(product))) };
    },
    async updateProduct(request) {
      return { product: productMessage(await app.updateProduct(updateOf(request))) };
    },
    async publishProduct({ productId, unlisted }) {
      return { product: productMessage(await app.publishProduct(productId, { unlisted })) };
    },
    async archiveProduct({ productId }) {
      return { product: productMessage(await app.archiveProduct(productId)) };
    },
    async setPrice({ productId, sku, price }) {
      return { product: productMessage(await app.setPrice({ productId, sku, price: moneyOf(price) })) };
    },
    async getProduct({ productId }) {
      return { product: productMessage(await app.getProduct(productId)) };
    },
    async getAnyProduct({ productId }) {
      return { product: productMessage(await app.getAnyProduct(productId)) };
    },
    async listProducts(request) {
      const { items, ...next } = await app.listProducts(request);
      return { products: items.map(productMessage), ...next };
    },
    async searchProducts(request) {
      return searchAnswer(await app.searchProducts(searchOf(request)));
    },
    async quoteItems({ items }) {
      return { items: (await app.quoteItems(items)).map(quotedItem) };
    },
  });
}
