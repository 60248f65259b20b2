import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  CatalogService,
  CreateProductRequestSchema,
  GetProductRequestSchema,
  GetProductResponseSchema,
} from "@kontor/sample";
import { describe, expect, it } from "vitest";
import { methodResource } from "./method-resource.ts";

const { version } = methodResource(CatalogService.method.getProduct);
const { location } = methodResource(CatalogService.method.createProduct);
const product = {
  ...{ id: "P-1", title: "Cup", description: "ü".repeat(300), version: 300 },
  variants: [{ sku: "S-1", price: { currency: "EUR", minor: -1n }, weightGrams: 180 }],
  ...{ createdAt: { seconds: 1_790_000_000n, nanos: 1 }, mediaUrls: ["https://media.example/1.avif"] },
};
const response = (init: MessageInitShape<typeof GetProductResponseSchema>) => create(GetProductResponseSchema, init);
const bytesOf = (init: MessageInitShape<typeof GetProductResponseSchema>) =>
  toBinary(GetProductResponseSchema, response(init));

describe("a field of a response in the wire format", () => {
  it.each<[string, MessageInitShape<typeof GetProductResponseSchema>, string | undefined]>([
    ["that is set", { product }, "300"],
    ["that is negative", { product: { version: -2 } }, "-2"],
    ["that is 0", { product: { ...product, version: 0 } }, undefined],
    ["whose message is empty", { product: {} }, undefined],
    ["whose message is absent", {}, undefined],
  ])("%s is read as from the message", (_, init, expected) => {
    expect(version?.(bytesOf(init))).toBe(expected);
    expect(version?.(response(init))).toBe(expected);
  });

  it("has its last value when it is repeated, and keeps it when a later message has none", () => {
    const bytes = Buffer.concat(
      [{ version: 1 }, { version: 2 }, { title: "x" }].map((each) => bytesOf({ product: each })),
    );
    expect(version?.(bytes)).toBe("2");
  });

  it("names the created resource", () => {
    const request = create(CreateProductRequestSchema);
    expect(location?.(request, bytesOf({ product: { ...product, id: "P/1" } }))).toBe("/api/v1/products/P%2F1");
    expect(location?.(create(GetProductRequestSchema), bytesOf({ product: { title: "x" } }))).toBeUndefined();
  });
});
