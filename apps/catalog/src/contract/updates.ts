import { defineUpdate } from "@kontor/rpc";
import type {
  UpdateCategoryRequest,
  UpdateProductRequest,
  UpdateVariantRequest,
} from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { CategorySchema, ProductSchema, VariantSchema } from "@kontor/shop/contracts/catalog/v1/product";
import { readText } from "@kontor/text";
import type { ProposedVariantEdit } from "../commands/change-variants.ts";
import type { UpdateProduct } from "../commands/update-product.ts";
import type { Category, CategoryEdit } from "../domain/category.ts";
import type { Product } from "../domain/product.ts";
import { categoryMessage } from "./category-message.ts";
import { productMessage, shopperMessage } from "./product-message.ts";
import { moneyOf, readEntries } from "./variant-requests.ts";

const domain = "catalog.shop";

const categoryUpdate = defineUpdate(CategorySchema, {
  resource: "category",
  domain,
  changeable: ["name", "parentId"],
});

const productUpdate = defineUpdate(ProductSchema, {
  resource: "product",
  domain,
  changeable: ["title", "description", "categoryId", "mediaUrls"],
  preconditions: ["version"],
});

const variantUpdate = defineUpdate(VariantSchema, {
  resource: "variant",
  domain,
  changeable: ["title", "optionValues", "price", "weightGrams"],
});

/** Returns the changes of UpdateCategory to the stored category. */
export function categoryEditOf({ category, updateMask }: UpdateCategoryRequest): (category: Category) => CategoryEdit {
  const changesOf = categoryUpdate.read(category, updateMask);
  return (stored) => {
    const changes = changesOf(categoryMessage(stored));
    const { name, parentId = "" } = changes;
    return { ...(name !== undefined && { name: readText(name) }), ...("parentId" in changes && { parentId }) };
  };
}

/** Returns the changes of UpdateProduct to the stored product, and the version that the client has read, 0 if it names none. */
export function productEditOf({ product, updateMask }: UpdateProductRequest): UpdateProduct {
  const changesOf = productUpdate.read(product, updateMask);
  return {
    productId: product?.id ?? "",
    seenVersion: product?.version ?? 0,
    editOf(stored) {
      const changes = changesOf(productMessage(stored), shopperMessage(stored));
      const { title, description = "", ...others } = changes;
      return {
        ...others,
        ...(title !== undefined && { title: readText(title) }),
        ...("description" in changes && { description: readText(description) }),
      };
    },
  };
}

/** Returns the changes of UpdateVariant to a variant of the stored product. */
export function variantEditOf({
  variant,
  updateMask,
}: UpdateVariantRequest): (product: Product) => ProposedVariantEdit {
  const changesOf = variantUpdate.read(variant, updateMask);
  return (product) => {
    const stored = productMessage(product).variants.find(({ sku }) => sku === variant?.sku);
    const changes = changesOf(stored ?? {});
    const { title, optionValues, price, ...others } = changes;
    return {
      ...others,
      ...(title !== undefined && { title: readText(title) }),
      ...(optionValues !== undefined && { optionValues: readEntries(optionValues) }),
      ...("price" in changes && { price: moneyOf(price) }),
    };
  };
}
