import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CategorySchema } from "@kontor/shop/contracts/catalog/v1/product";
import { present } from "@kontor/text";
import type { Category } from "../domain/category.ts";

/** Returns the category as the contract shows it. */
export function categoryMessage({ parentId, ...category }: Category): MessageInitShape<typeof CategorySchema> {
  return { ...category, ...present({ parentId }) };
}
