import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type QuotedItemSchema,
  QuoteProblem,
  type UpdateProductRequest,
} from "@kontor/contracts/catalog/v1/catalog_service";
import type { Product as ProductMessage } from "@kontor/contracts/catalog/v1/product";
import { violation } from "@kontor/errors";
import { present, readText } from "@kontor/text";
import type { UpdateProduct } from "../commands/update-product.ts";
import type { ProposedProduct } from "../domain/check-product.ts";
import { check, demand } from "../domain/checks.ts";
import type { ProductEdit } from "../domain/product.ts";
import type { Quote } from "../ports.ts";
import { variantOf } from "./variant-requests.ts";

export function proposalOf(product: ProductMessage | undefined): ProposedProduct {
  const { id = "", title = "", description = "", categoryId = "", mediaUrls = [], options = [] } = product ?? {};
  const texts = { title: readText(title), description: readText(description), options: options.map(readText) };
  const variants = (product?.variants ?? []).map(variantOf);
  return { id, ...texts, categoryId, mediaUrls, variants };
}

const editable = {
  title: ({ title }) => ({ title: readText(title) }),
  description: ({ description = "" }) => ({ description: readText(description) }),
  category_id: ({ categoryId }) => ({ categoryId }),
  media_urls: ({ mediaUrls }) => ({ mediaUrls }),
} satisfies Record<string, (product: ProductMessage) => ProductEdit>;

/** Which fields, and the version seen, if it came along. Without a mask: all fields that have a value. */
export function updateOf({ product, updateMask }: UpdateProductRequest): UpdateProduct {
  if (product === undefined) return { productId: "", changes: {}, seenVersion: 0 };
  const fields = Object.entries(editable);
  const paths = updateMask?.paths ?? [];
  const known = (path: string) => Object.hasOwn(editable, path) || path === "id" || path === "version";
  demand(...paths.map((path) => check(known(path), violation(`product.${path}`, "NOT_CHANGEABLE", { path }))));
  const chosen = fields.filter(([path, read]) => {
    return paths.length > 0 ? paths.includes(path) : Object.values(read(product)).some((value) => value.length > 0);
  });
  const changes = Object.assign({}, ...chosen.map(([, read]) => read(product)));
  return { productId: product.id, changes, seenVersion: product.version };
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
