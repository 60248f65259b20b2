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
import { type Answer, type Call, RpcError } from "@kontor/transcoder";
import { fallbackAnswer } from "../policy/fallback-answer.ts";
import { recoveryOf } from "../policy/recovery.ts";
import type { Upstreams } from "../ports.ts";

/** The share of the remaining time that availability may take, so that a page without it is still in time. */
const SHARE = 0.6;

/** SKUs in one call of inventory. */
const MAX_SKUS = 100;

/**
 * Adds a page that the gateway composes: a product, and the availability of all its variants. When inventory does not respond,
 * the fallback of the contract says what the page is without.
 */
export function withProductPage(upstreams: Upstreams): Upstreams {
  return {
    ...upstreams,
    serves: (service) => upstreams.serves(service.typeName === ProductPageService.typeName ? CatalogService : service),
    call: (call) =>
      call.method.parent.typeName === ProductPageService.typeName ? productPage(upstreams, call) : upstreams.call(call),
  };
}

async function productPage(upstreams: Upstreams, call: Call): Promise<Answer> {
  const { productId } = call.message as GetProductPageRequest;
  const { getProduct } = CatalogService.method;
  const found = await upstreams.call({ ...call, method: getProduct, message: create(getProduct.input, { productId }) });
  const { product } = found.message as GetProductResponse;
  try {
    const availability = await availabilityOf(
      upstreams,
      call,
      (product?.variants ?? []).map(({ sku }) => sku),
    );
    return { message: create(GetProductPageResponseSchema, { product, availability }) };
  } catch (error) {
    const { fallback } = recoveryOf(call.method);
    if (fallback === undefined || !(error instanceof RpcError) || call.signal.aborted) throw error;
    return fallbackAnswer(call, Object.assign(fallback(), { product }));
  }
}

/** Returns the availability of variants, in their order. */
async function availabilityOf(upstreams: Upstreams, call: Call, skus: readonly string[]): Promise<Availability[]> {
  const method = InventoryService.method.batchGetAvailability;
  const now = Date.now();
  const deadline = now + (call.deadline - now) * SHARE;
  const pages = Array.from({ length: Math.ceil(skus.length / MAX_SKUS) }, (_, page) =>
    skus.slice(page * MAX_SKUS, (page + 1) * MAX_SKUS),
  );
  const answers = await Promise.all(
    pages.map((page) => upstreams.call({ ...call, method, message: create(method.input, { skus: page }), deadline })),
  );
  return answers.flatMap(({ message }) => (message as BatchGetAvailabilityResponse).availability);
}
