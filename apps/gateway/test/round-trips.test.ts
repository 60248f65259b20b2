import { create, type DescField, type DescMessage, type DescMethod, ScalarType } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { registry } from "@kontor/shop/registry";
import { updateMethods } from "@kontor/testing/round-trip";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
beforeEach(() => {
  shop.seen.splice(0);
});
afterAll(() => shop.stop());

/** How each update RPC is reached, and where its response has the resource. */
const updates: Readonly<Record<string, { path: string; resourceOf: (response: object) => object }>> = {
  "shop.catalog.v1.CatalogService.UpdateCategory": { path: "/api/v1/categories/text", resourceOf: (body) => body },
  "shop.catalog.v1.CatalogService.UpdateProduct": { path: "/api/v1/products/text", resourceOf: (body) => body },
  "shop.catalog.v1.CatalogService.UpdateVariant": {
    path: "/api/v1/products/P-1/variants/text",
    resourceOf: (body) => ("variants" in body && Array.isArray(body.variants) ? body.variants[0] : {}),
  },
  ...Object.fromEntries(
    [
      ["PriceList", "price-lists"],
      ["Promotion", "promotions"],
      ["Coupon", "coupons"],
      ["TaxZone", "tax-zones"],
      ["TaxCategory", "tax-categories"],
      ["TaxRate", "tax-rates"],
    ].map(([name, folder]) => [
      `shop.pricing.v1.PricingService.Update${name}`,
      { path: `/api/v1/${folder}/text`, resourceOf: (body: object) => body },
    ]),
  ),
  "shop.users.v1.UsersService.UpdateUser": { path: "/api/v1/users/text", resourceOf: (body) => body },
  "shop.users.v1.UsersService.UpdateAddress": {
    path: "/api/v1/users/text/addresses/text",
    resourceOf: (body) => body,
  },
};

/** The texts that the rules of contracts accept in fields with a format. */
const formatted: Readonly<Record<string, string>> = {
  country: "DE",
  currency: "EUR",
  locale: "de-AT",
  vat_prefix: "DE",
  media_urls: "https://shop.example/p.png",
};

/** A message with a value in every field. */
function filled(schema: DescMessage): ReturnType<typeof create> {
  const message = create(schema);
  const target = reflect(schema, message);
  for (const field of schema.fields) {
    if (field.fieldKind === "list") target.get(field).add(sampleOf(field));
    else if (field.fieldKind === "map") target.get(field).set("text", sampleOf(field));
    else target.set(field, sampleOf(field));
  }
  return message;
}

function sampleOf(field: DescField): unknown {
  if (field.message) return reflect(field.message, filled(field.message));
  if (field.enum) return field.enum.values.at(-1)?.number;
  switch (field.scalar) {
    case ScalarType.STRING:
      return formatted[field.name] ?? "text";
    case ScalarType.BOOL:
      return true;
    case ScalarType.INT64:
      return 5n;
    default:
      return 5;
  }
}

describe.each([...registry].filter((one) => one.kind === "service").flatMap(updateMethods))(
  "$name",
  (method: DescMethod) => {
    const { path, resourceOf } = updates[`${method.parent.typeName}.${method.name}`] ?? {
      path: "",
      resourceOf: () => ({}),
    };
    const resource = method.input.fields.find((field) => field.fieldKind === "message" && field.name !== "update_mask");
    const sent = async (query: string, body: object) => {
      const headers = {
        Authorization: `Bearer ${shop.token("text", "profile.write catalog.write pricing.write")}`,
        "Content-Type": "application/json",
      };
      const response = await shop.fetch(path + query, { method: "PATCH", headers, body: JSON.stringify(body) });
      expect([response.status, path]).toEqual([200, path]);
      return (await response.json()) as object;
    };
    const received = () => shop.seen.at(-1)?.request as unknown as Record<string, unknown> & { updateMask?: FieldMask };

    it.each(["", "?updateMask="])(
      "receives a resource as a response shows it, and the names of its fields, with %j",
      async (query) => {
        shop.script = () => filled(method.output);
        const shown = resourceOf(await sent("", {}));
        await sent(query, shown);
        const fields = resource?.message?.fields ?? [];
        expect(received()[resource?.localName ?? ""]).toEqual(filled(resource?.message as DescMessage));
        const named = new Set(received().updateMask?.paths.map((one) => one.split(".")[0]));
        const bound = fields.filter((field) => !named.has(field.name)).map(({ name }) => name);
        expect(["id", "sku", "code"].filter((name) => bound.includes(name))).toEqual(bound);
      },
    );

    it("receives the names in a mask in proto's spelling, whichever the client uses", async () => {
      shop.script = () => filled(method.output);
      const shown = resourceOf(await sent("", {}));
      const fields = resource?.message?.fields ?? [];
      await sent(`?updateMask=${fields.map(({ jsonName }) => jsonName).join(",")}`, shown);
      expect(received().updateMask?.paths).toEqual(fields.map(({ name }) => name));
      await sent(`?update_mask=${fields.map(({ name }) => name).join(",")}`, shown);
      expect(received().updateMask?.paths).toEqual(fields.map(({ name }) => name));
      await sent("?updateMask=*", shown);
      expect(received().updateMask?.paths).toEqual(["*"]);
    });
  },
);
