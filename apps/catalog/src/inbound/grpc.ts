import { type Implementation, implement } from "@kontor/rpc";
import { CatalogService } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import type { archiveProduct } from "../commands/archive-product.ts";
import type { changeCategory } from "../commands/change-category.ts";
import type { changeVariants } from "../commands/change-variants.ts";
import type { createCategory } from "../commands/create-category.ts";
import type { createProduct } from "../commands/create-product.ts";
import type { publishProduct } from "../commands/publish-product.ts";
import type { setPrice } from "../commands/set-price.ts";
import type { updateProduct } from "../commands/update-product.ts";
import { categoryMessage } from "../contract/category-message.ts";
import { productMessage, shopperMessage } from "../contract/product-message.ts";
import { proposalOf, quotedItem } from "../contract/requests.ts";
import { anyProductsOf, searchAnswer, searchOf } from "../contract/search-messages.ts";
import { categoryEditOf, productEditOf, variantEditOf } from "../contract/updates.ts";
import { categoryOf, moneyOf, variantOf } from "../contract/variant-requests.ts";
import type { Products } from "../ports.ts";
import type { listAnyProducts } from "../queries/list-any-products.ts";
import type { listCategories } from "../queries/list-categories.ts";
import type { listProducts } from "../queries/list-products.ts";
import type { quoteItems } from "../queries/quote-items.ts";
import type { searchProducts } from "../queries/search-products.ts";

type Deps = {
  readonly createCategory: ReturnType<typeof createCategory>;
  readonly categories: ReturnType<typeof changeCategory>;
  readonly variants: ReturnType<typeof changeVariants>;
  readonly listAnyProducts: ReturnType<typeof listAnyProducts>;
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
export function catalogService(app: Deps): Implementation {
  return implement(CatalogService, {
    async createCategory({ category }) {
      return { category: categoryMessage(await app.createCategory(categoryOf(category))) };
    },
    async updateCategory(request) {
      const categoryId = request.category?.id ?? "";
      return { category: categoryMessage(await app.categories.edit(categoryId, categoryEditOf(request))) };
    },
    async archiveCategory({ categoryId }) {
      return { category: categoryMessage(await app.categories.archive(categoryId)) };
    },
    async restoreCategory({ categoryId }) {
      return { category: categoryMessage(await app.categories.restore(categoryId)) };
    },
    async listAnyCategories() {
      return { categories: (await app.listCategories({ archived: true })).map(categoryMessage) };
    },
    async listCategories() {
      return { categories: (await app.listCategories()).map(categoryMessage) };
    },
    async createProduct({ product }) {
      return { product: productMessage(await app.createProduct(proposalOf(product))) };
    },
    async updateProduct(request) {
      return { product: productMessage(await app.updateProduct(productEditOf(request))) };
    },
    async publishProduct({ productId, unlisted }) {
      return { product: productMessage(await app.publishProduct(productId, { unlisted })) };
    },
    async archiveProduct({ productId }) {
      return { product: productMessage(await app.archiveProduct(productId)) };
    },
    async addVariant({ productId, variant }) {
      return { product: productMessage(await app.variants.add(productId, variantOf(variant))) };
    },
    async updateVariant(request) {
      const variant = { productId: request.productId, sku: request.variant?.sku ?? "" };
      return { product: productMessage(await app.variants.edit(variant, variantEditOf(request))) };
    },
    async moveVariant({ position, ...variant }) {
      return { product: productMessage(await app.variants.move(variant, position)) };
    },
    async archiveVariant(variant) {
      return { product: productMessage(await app.variants.archive(variant)) };
    },
    async restoreVariant(variant) {
      return { product: productMessage(await app.variants.restore(variant)) };
    },
    async setPrice({ productId, sku, price }) {
      return { product: productMessage(await app.setPrice({ productId, sku, price: moneyOf(price) })) };
    },
    async getProduct({ productId }) {
      return { product: shopperMessage(await app.getProduct(productId)) };
    },
    async getAnyProduct({ productId }) {
      return { product: productMessage(await app.getAnyProduct(productId)) };
    },
    async listProducts(request) {
      const { items, ...next } = await app.listProducts(request);
      return { products: items.map(shopperMessage), ...next };
    },
    async listAnyProducts(request) {
      const { items, ...next } = await app.listAnyProducts(anyProductsOf(request));
      return { products: items.map(productMessage), ...next };
    },
    async searchProducts(request) {
      return searchAnswer(await app.searchProducts(searchOf(request)));
    },
    async quoteItems({ items }) {
      const wanted = items.map(({ productId, sku = "" }) => ({ productId, sku }));
      return { items: (await app.quoteItems(wanted)).map(quotedItem) };
    },
  });
}
