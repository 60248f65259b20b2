import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type Product as ProductMessage,
  ProductSchema,
  ProductStatus,
} from "@kontor/shop/contracts/catalog/v1/product";
import { present } from "@kontor/text";
import { onSale, type Product } from "../domain/product.ts";

const statuses = {
  draft: ProductStatus.DRAFT,
  published: ProductStatus.PUBLISHED,
  unlisted: ProductStatus.UNLISTED,
  archived: ProductStatus.ARCHIVED,
} satisfies Record<Product["status"], ProductStatus>;

/** The product as shoppers see it: without archived variants. */
export function shopperMessage(product: Product): ProductMessage {
  return productMessage({ ...product, variants: onSale(product) });
}

/** The product as the contract shows it to staff. */
export function productMessage({ currency, description, ...product }: Product): ProductMessage {
  return create(ProductSchema, {
    ...product,
    ...present({ description }),
    status: statuses[product.status],
    options: [...product.options],
    mediaUrls: [...product.mediaUrls],
    variants: product.variants.map(({ price, title, optionValues, ...variant }) => ({
      ...variant,
      title: title || product.title,
      optionValues: { ...optionValues },
      price: { currency, minor: price },
    })),
    createdAt: timestampFromDate(product.createdAt),
    updatedAt: timestampFromDate(product.updatedAt),
  });
}
