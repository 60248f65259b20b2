import type { MessageInitShape } from "@bufbuild/protobuf";
import { type QuotedItemSchema, QuoteProblem } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import type { Product as ProductMessage } from "@kontor/shop/contracts/catalog/v1/product";
import { present, readText } from "@kontor/text";
import type { ProposedProduct } from "../domain/check-product.ts";
import type { Quote } from "../ports.ts";
import { variantOf } from "./variant-requests.ts";

export function proposalOf(product: ProductMessage | undefined): ProposedProduct {
  const { id = "", title = "", description = "", categoryId = "", mediaUrls = [], options = [] } = product ?? {};
  const texts = { title: readText(title), description: readText(description), options: options.map(readText) };
  const variants = (product?.variants ?? []).map(variantOf);
  return { id, ...texts, categoryId, mediaUrls, variants };
}

const problems = {
  UNKNOWN_PRODUCT: QuoteProblem.UNKNOWN_PRODUCT,
  UNKNOWN_SKU: QuoteProblem.UNKNOWN_SKU,
  SKU_REQUIRED: QuoteProblem.SKU_REQUIRED,
} as const;

export function quotedItem({ problem, sku, ...quote }: Quote): MessageInitShape<typeof QuotedItemSchema> {
  const item = { ...quote, ...present({ sku }) };
  return problem === undefined ? item : { ...item, problem: problems[problem] };
}
