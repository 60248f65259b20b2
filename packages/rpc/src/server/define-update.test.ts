import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { FieldMaskSchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { violation } from "@kontor/errors";
import { ProductSchema, VariantSchema } from "@kontor/sample";
import { describe, expect, it } from "vitest";
import { defineUpdate } from "./define-update.ts";

const domain = "catalog.shop";
const product = defineUpdate(ProductSchema, {
  resource: "product",
  domain,
  changeable: ["title", "description", "categoryId", "mediaUrls"],
  preconditions: ["version"],
});
const variant = defineUpdate(VariantSchema, {
  resource: "variant",
  domain,
  changeable: ["title", "price", "optionValues"],
});

const stored = {
  id: "P-1",
  title: "Mug",
  description: "Steel.",
  categoryId: "mugs",
  options: ["size"],
  variants: [
    { sku: "P-1-S", price: { currency: "EUR", minor: 900n } },
    { sku: "P-1-M", archived: true },
  ],
  version: 3,
  createdAt: timestampFromMs(1_000),
  mediaUrls: ["https://a.example/1.jpg"],
} satisfies MessageInitShape<typeof ProductSchema>;
const maskOf = (paths?: readonly string[]) => paths && create(FieldMaskSchema, { paths: [...paths] });

function changes(given: MessageInitShape<typeof ProductSchema>, paths?: readonly string[]) {
  return product.read(given, maskOf(paths))(stored);
}

function refusal(...fields: string[]) {
  const violations = fields.map((path) => violation(`product.${path}`, "NOT_CHANGEABLE", { path }));
  return expect.objectContaining({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST", domain, violations });
}

describe("an update", () => {
  it.each([undefined, []])("with the mask %j changes every field that the resource sets", (paths) => {
    expect(changes({ title: "Cup", categoryId: "" }, paths)).toEqual({ title: "Cup" });
    expect(changes({ description: "" }, paths)).toEqual({ description: "" });
    expect(changes({}, paths)).toEqual({});
  });

  it("changes the fields of the mask, also to an empty value, and nothing else", () => {
    expect(changes({ title: "Cup", description: "Glass." }, ["title"])).toEqual({ title: "Cup" });
    expect(changes({ title: "Cup" }, ["description", "media_urls"])).toStrictEqual({
      description: undefined,
      mediaUrls: [],
    });
  });

  it("takes a path twice, and in proto's spelling or in that of JSON", () => {
    expect(changes({ categoryId: "cups" }, ["category_id", "category_id"])).toEqual({ categoryId: "cups" });
    expect(changes({ categoryId: "cups" }, ["categoryId", "category_id"])).toEqual({ categoryId: "cups" });
  });

  it("with * replaces all changeable fields", () => {
    const replaced = { title: "Cup", description: undefined, categoryId: "", mediaUrls: [] };
    expect(changes({ title: "Cup" }, ["*"])).toStrictEqual(replaced);
    expect(changes({ title: "Cup", id: "P-1" }, ["title", "*"])).toEqual(replaced);
    expect(() => changes({ title: "Cup", options: ["colour"] }, ["*"])).toThrow(refusal("options"));
  });

  it("has no changes where the resource is sent back as it was read", () => {
    for (const paths of [undefined, ["*"], ProductSchema.fields.map(({ name }) => name)])
      expect(changes(stored, paths)).toEqual({});
  });

  it("ignores output-only fields and preconditions, in the body and in the mask", () => {
    const given = { title: "Cup", createdAt: timestampFromMs(5), updatedAt: timestampFromMs(6), version: 9 };
    expect(changes(given)).toEqual({ title: "Cup" });
    expect(changes(given, ["title", "created_at", "updated_at", "version"])).toEqual({ title: "Cup" });
    expect(changes(given, ["created_at"])).toEqual({});
  });

  it("is refused if a field that it does not change would get another value, set or named", () => {
    expect(() => changes({ options: ["colour"], id: "P-2" })).toThrow(refusal("id", "options"));
    expect(() => changes({ title: "Cup" }, ["title", "options"])).toThrow(refusal("options"));
    expect(() => changes({ variants: stored.variants.slice(0, 1) }, ["variants"])).toThrow(refusal("variants"));
    expect(changes({ title: "Cup", options: ["size"] }, ["title", "options"])).toEqual({ title: "Cup" });
    expect(changes({ title: "Cup", options: ["colour"] }, ["title"])).toEqual({ title: "Cup" });
  });

  it("takes a field that it does not change as any read shows it", () => {
    const shown = { ...stored, variants: stored.variants.slice(0, 1) };
    expect(product.read({ ...shown, title: "Cup" }, undefined)(stored, shown)).toEqual({ title: "Cup" });
    const other = { ...shown, title: "Shown", variants: [{ sku: "P-1-M" }] };
    expect(() => product.read(other, undefined)(stored, shown)).toThrow(refusal("variants"));
    expect(product.read({ title: "Shown" }, undefined)(stored, { ...stored, title: "Shown" })).toEqual({
      title: "Shown",
    });
  });

  it.each(["nonsense", "title.x", "variants.sku", "created_at.seconds", "", "constructor", "__proto__", "Title"])(
    "is refused before the resource is read if the mask names %j, with the names of the fields that change",
    (path) => {
      const params = { values: ["title", "description", "categoryId", "mediaUrls"] };
      const named = expect.objectContaining({
        field: "updateMask",
        code: "NOT_A_FIELD",
        params: expect.objectContaining(params),
      });
      expect(() => product.read(stored, maskOf(["title", path]))).toThrow(
        expect.objectContaining({ reason: "INVALID_REQUEST", violations: [named] }),
      );
    },
  );

  it("names each path that is no field as JSON spells it", () => {
    expect(() => product.read(stored, maskOf(["colour", "media_url", "*"]))).toThrow(
      expect.objectContaining({
        violations: ["colour", "mediaUrl"].map((path) =>
          expect.objectContaining({ params: expect.objectContaining({ path }) }),
        ),
      }),
    );
  });

  it("changes one field of a message, and leaves the others", () => {
    const before = { sku: "A", price: { currency: "EUR", minor: 900n }, optionValues: { size: "S" } };
    const changed = (given: MessageInitShape<typeof VariantSchema>, paths?: readonly string[]) =>
      variant.read(given, maskOf(paths))(before);
    expect(changed({ price: { minor: 5n } }, ["price.minor"])).toMatchObject({ price: { currency: "EUR", minor: 5n } });
    expect(changed({}, ["price.minor"])).toMatchObject({ price: { currency: "EUR", minor: 0n } });
    expect(changed({ price: { minor: 900n } }, ["price.minor"])).toEqual({});
    expect(changed({ price: { minor: 5n } })).toMatchObject({ price: { currency: "", minor: 5n } });
    expect(changed({}, ["price", "option_values"])).toEqual({ price: undefined, optionValues: {} });
    expect(before.price).toEqual({ currency: "EUR", minor: 900n });
  });

  it("does not compile with a field that the resource does not have", () => {
    // @ts-expect-error a product has no colour
    defineUpdate(ProductSchema, { resource: "product", domain, changeable: ["colour"] });
  });
});
