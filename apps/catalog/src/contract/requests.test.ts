import { create } from "@bufbuild/protobuf";
import { ProductSchema } from "@kontor/shop/contracts/catalog/v1/product";
import { describe, expect, it } from "vitest";
import { proposalOf } from "./requests.ts";

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
  });
});
