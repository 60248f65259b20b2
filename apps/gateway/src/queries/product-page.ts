import { create } from "@bufbuild/protobuf";
import { CatalogService, type GetProductResponse } from "@kontor/contracts/catalog/v1/catalog_service";
import {
  type GetProductPageRequest,
  GetProductPageResponseSchema,
  ProductPageService,
} from "@kontor/contracts/gateway/v1/product_page_service";
import { type GetStockResponse, InventoryService } from "@kontor/contracts/inventory/v1/inventory_service";
import type { Stock } from "@kontor/contracts/inventory/v1/stock";
import { type Answer, type Call, RpcError, Status } from "@kontor/transcoder";
import type { Upstreams } from "../outbound/upstreams.ts";
import { fallbackAnswer } from "../policy/fallback-answer.ts";
import { recoveryOf } from "../policy/recovery.ts";

/** How much of the time that is left the stock may take, so that a page without it is still in time. */
const SHARE = 0.6;

/**
 * Adds a page that the gateway puts together: a product, and the stock of all its variants, asked for at the same time. When
 * there is no stock to be had, the fallback of the contract says what the page is without.
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
    const stock = await Promise.all((product?.variants ?? []).map(({ sku }) => stockOf(upstreams, call, sku)));
    const known = stock.filter((one) => one !== undefined);
    return { message: create(GetProductPageResponseSchema, { product, stock: known }) };
  } catch (error) {
    const { fallback } = recoveryOf(call.method);
    if (fallback === undefined || !(error instanceof RpcError) || call.signal.aborted) throw error;
    return fallbackAnswer(call, Object.assign(fallback(), { product }));
  }
}

/** The stock of a variant; undefined when it never had any. */
async function stockOf(upstreams: Upstreams, call: Call, sku: string): Promise<Stock | undefined> {
  const { getStock } = InventoryService.method;
  const now = Date.now();
  const deadline = now + (call.deadline - now) * SHARE;
  try {
    const answer = await upstreams.call({
      ...call,
      method: getStock,
      message: create(getStock.input, { sku }),
      deadline,
    });
    return (answer.message as GetStockResponse).stock;
  } catch (error) {
    if (error instanceof RpcError && error.code === Status.NOT_FOUND) return undefined;
    throw error;
  }
}
