import { create } from "@bufbuild/protobuf";
import {
  UpdateCategoryRequestSchema,
  UpdateProductRequestSchema,
  UpdateVariantRequestSchema,
} from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { describe, expect, it } from "vitest";
import { draft } from "../domain/product.ts";
import { categoryEditOf, productEditOf, variantEditOf } from "./updates.ts";

const variant = { sku: "A", title: "", optionValues: { size: "S" }, price: 900n, weightGrams: 280 };
const content = {
  title: "Mug",
  description: "Steel.",
  categoryId: "mugs",
  mediaUrls: [],
  options: ["size"],
  currency: "EUR",
};
const product = draft("P", { ...content, variants: [{ ...variant, archived: false }] }, new Date());

describe("the texts of an update", () => {
  it("are read in NFC, without white space and invisible characters around them", () => {
    const cafe = " Cafe\u0301 \ufeff";
    const updateMask = { paths: ["*"] };
    const edit = productEditOf(create(UpdateProductRequestSchema, { product: { id: "P", title: cafe }, updateMask }));
    expect(edit.editOf(product)).toEqual({ title: "Caf\u00e9", categoryId: "", description: "" });
    const category = { id: "c", name: cafe, archived: true };
    const renamed = categoryEditOf(create(UpdateCategoryRequestSchema, { category }));
    expect(renamed({ ...category, name: "Mugs", parentId: "" })).toStrictEqual({ name: "Caf\u00e9" });
    const given = { sku: "A", title: cafe, optionValues: { [cafe]: cafe } };
    expect(variantEditOf(create(UpdateVariantRequestSchema, { variant: given }))(product)).toEqual({
      title: "Caf\u00e9",
      optionValues: { "Caf\u00e9": "Caf\u00e9" },
    });
  });
});

describe("the price of an update", () => {
  it("keeps the currency if only the amount is named", () => {
    const request = { variant: { sku: "A", price: { minor: 5n } }, updateMask: { paths: ["price.minor"] } };
    expect(variantEditOf(create(UpdateVariantRequestSchema, request))(product)).toEqual({
      price: { currency: "EUR", minor: 5n },
    });
  });
});
