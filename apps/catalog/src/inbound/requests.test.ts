import { create } from "@bufbuild/protobuf";
import { UpdateProductRequestSchema } from "@kontor/contracts/catalog/v1/catalog_service";
import { ProductSchema } from "@kontor/contracts/catalog/v1/product";
import { describe, expect, it } from "vitest";
import { proposalOf, updateOf } from "./requests.ts";

const update = (...paths: string[]) =>
  updateOf(create(UpdateProductRequestSchema, { product: { id: "P", title: "Mug" }, updateMask: { paths } }));

describe("the mask of an update", () => {
  it("chooses what is changed", () => {
    expect(update("title").changes).toEqual({ title: "Mug" });
  });

  it.each(["variants", "title.x", "*", "", "constructor", "__proto__"])("cannot name %j", (path) => {
    expect(() => update(path)).toThrow(expect.objectContaining({ reason: "INVALID_REQUEST" }));
  });
});

describe("the texts of a product", () => {
  it("are read in NFC, without white space and invisible characters around them", () => {
    const size = "Gro\u0308\u00dfe";
    const variant = { sku: "A", title: "S\u200b", optionValues: { [size]: " S " } };
    const product = create(ProductSchema, { title: " Cafe\u0301 \ufeff", options: [size], variants: [variant] });
    expect(proposalOf(product)).toMatchObject({
      title: "Caf\u00e9",
      options: ["Gr\u00f6\u00dfe"],
      variants: [{ title: "S", optionValues: { "Gr\u00f6\u00dfe": "S" } }],
    });
    const request = create(UpdateProductRequestSchema, { product, updateMask: { paths: ["title"] } });
    expect(updateOf(request).changes).toEqual({ title: "Caf\u00e9" });
  });
});
