import { create } from "@bufbuild/protobuf";
import { CatalogService, type GetProductResponse } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import {
  type GetProductPageRequest,
  GetProductPageResponseSchema,
  ProductPageService,
} from "@kontor/shop/contracts/gateway/v1/product_page_service";
import {
  type BatchGetAvailabilityResponse,
  InventoryService,
} from "@kontor/shop/contracts/inventory/v1/inventory_service";
import type { Availability } from "@kontor/shop/contracts/inventory/v1/stock";
import type { Answer, Call, Composer, Composition } from "@kontor/transcoder";

/** The share of the remaining time that availability may take, so that a page without it still meets its deadline. */
const SHARE = 0.6;

/** SKUs in one call of inventory. */
const MAX_SKUS = 100;

/** A product, and the availability of all its variants. When inventory does not respond, the fallback of the contract names what is missing. */
export const productPage: Composition = {
  method: ProductPageService.method.getProductPage,
  servedWith: CatalogService,
  compose: composePage,
};

async function composePage(call: Call, edge: Composer): Promise<Answer> {
  const { productId } = call.message as GetProductPageRequest;
  const { getProduct } = CatalogService.method;
  const found = await edge.call({ ...call, method: getProduct, message: create(getProduct.input, { productId }) });
  const { product } = found.message as GetProductResponse;
  try {
    const skus = (product?.variants ?? []).map(({ sku }) => sku);
    const availability = await availabilityOf(edge, call, skus);
    return { message: create(GetProductPageResponseSchema, { product, availability }) };
  } catch (error) {
    return edge.fallback(error, { product });
  }
}

/** Returns the availability of variants, in their order. */
async function availabilityOf(edge: Composer, call: Call, skus: readonly string[]): Promise<Availability[]> {
  const method = InventoryService.method.batchGetAvailability;
  const now = Date.now();
  const deadline = now + (call.deadline - now) * SHARE;
  const pages = Array.from({ length: Math.ceil(skus.length / MAX_SKUS) }, (_, page) =>
    skus.slice(page * MAX_SKUS, (page + 1) * MAX_SKUS),
  );
  const answers = await Promise.all(
    pages.map((page) => edge.call({ ...call, method, message: create(method.input, { skus: page }), deadline })),
  );
  return answers.flatMap(({ message }) => (message as BatchGetAvailabilityResponse).availability);
}
