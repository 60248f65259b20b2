import { getOption } from "@bufbuild/protobuf";
import { http } from "@kontor/contracts/google/api/annotations";
import { defineErrors } from "@kontor/errors";
import { methodResource, methodStatuses } from "@kontor/policy";
import { registry } from "@kontor/shop/registry";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { errorStatusOf } from "../src/policy/method-rules.ts";
import { type Shop, startShop } from "./shop.ts";

const catalogErrors = defineErrors("catalog.shop", {
  PRODUCT_CHANGED: { code: "FAILED_PRECONDITION", message: "It has changed." },
});

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
beforeEach(() => {
  shop.seen.splice(0);
  shop.script = async () => ({});
});
afterAll(() => shop.stop());

const scopes = "orders.read orders.write profile.read profile.write users.read catalog.write pricing.write";
const send = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  shop.fetch(path, {
    method,
    headers: {
      Authorization: `Bearer ${shop.token("u1", scopes)}`,
      ...(body && { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
const order = {
  ...{ items: [{ productId: "P-101", quantity: 2, price: 1200 }], shippingAddressId: "home", paymentMethod: "card" },
};
const passwords = { currentPassword: "so far", newPassword: "correct horse" };
const account = { email: "a@b.example", password: "correct horse" };
const address = { recipient: "Ada", line1: "Road 1", city: "Bonn", country: "DE" };
const variants = [{ sku: "M-1", price: { currency: "EUR", minor: 100 } }];
const product = { title: "Mug", categoryId: "mugs", variants };
const key = { "Idempotency-Key": "k" };

describe("a response", () => {
  const tokens = { email: "a@example.com", password: "secret secret" };
  it.each<[string, string, string, object?, Record<string, string>?]>([
    ["with tokens", "POST", "/api/v1/sessions", tokens],
    ["with new tokens", "POST", "/api/v1/sessions:refresh", { refreshToken: "x" }],
    ["with personal data", "GET", "/api/v1/users/u1"],
    ["with orders", "GET", "/api/v1/users/u1/orders"],
    ["to a write", "POST", "/api/v1/orders", order, key],
    ["that names no resource", "GET", "/nowhere"],
    ["to a wrong method", "DELETE", "/api/v1/products"],
    ["to a caller without the right", "GET", "/api/v1/users/u2/addresses/a"],
    ["that is a stream", "GET", "/api/v1/orders/o1:watch"],
  ])("%s is stored by no cache", async (_, method, path, body, headers) => {
    if (path.endsWith(":watch")) shop.script = async function* () {};
    const answer = await send(method, path, body, headers);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("that its contract makes cacheable declares it", async () => {
    const answer = await send("GET", "/api/v1/products/P-1");
    expect(answer.headers.get("cache-control")).toBe("public, no-cache");
  });
});

describe("a response of 201", () => {
  it.each<[string, string, object, object, string, Record<string, string>?]>([
    ["an order", "/api/v1/orders", order, { order: { id: "o/1" } }, "/api/v1/orders/o%2F1", key],
    ["an account", "/api/v1/users", account, { user: { id: "u7" } }, "/api/v1/users/u7"],
    [
      "an address",
      "/api/v1/users/u1/addresses",
      address,
      { address: { id: "home" } },
      "/api/v1/users/u1/addresses/home",
    ],
    [
      "an address of mine",
      "/api/v1/users/me/addresses",
      address,
      { address: { id: "a" } },
      "/api/v1/users/u1/addresses/a",
    ],
    ["a product", "/api/v1/products", product, { product: { id: "P-1", version: 1 } }, "/api/v1/staff/products/P-1"],
  ])("names where %s is", async (_, path, body, response, location, headers) => {
    shop.script = async () => response;
    const answer = await send("POST", path, body, headers);
    expect([answer.status, answer.headers.get("location")]).toEqual([201, location]);
  });

  it("has a Location, unless its resource cannot be read separately", () => {
    const created = [...registry]
      .filter((type) => type.kind === "service")
      .flatMap(({ methods }) => methods)
      .filter((method) => methodStatuses(method).success === 201 && methodResource(method).location === undefined);
    expect(created.map(({ name }) => name).sort()).toEqual([
      ...["AddVariant", "CreateCategory", "CreateCoupons", "CreateLocation"],
      ...["CreateTaxCategory", "CreateTaxRate", "CreateTaxZone", "Login"],
    ]);
  });
});

describe("the path of the request's user", () => {
  it.each<[string, string, object | undefined, object]>([
    ["GET", "/api/v1/users/me", undefined, { userId: "u1" }],
    ["GET", "/api/v1/users/me/orders", undefined, { userId: "u1" }],
    ["GET", "/api/v1/users/me/addresses/a", undefined, { userId: "u1", addressId: "a" }],
    ["PATCH", "/api/v1/users/me", { id: "u1", displayName: "Ada" }, { user: { id: "u1", displayName: "Ada" } }],
    ["POST", "/api/v1/users/me:changePassword", passwords, { userId: "u1" }],
    ["GET", "/api/v1/users/u2", undefined, { userId: "u2" }],
    ["GET", "/api/v1/orders/me", undefined, { orderId: "me" }],
  ])("may say me for the owner: %s %s", async (method, path, body, request) => {
    const answer = await send(method, path, body);
    expect([answer.status, await answer.json()]).toEqual([200, expect.anything()]);
    expect(shop.seen.at(-1)?.request).toMatchObject(request);
  });

  it("needs a token", async () => {
    expect((await shop.fetch("/api/v1/users/me")).status).toBe(401);
  });
});

describe("a condition on a change", () => {
  const patch = (ifMatch: string, body: object = { title: "x" }) =>
    send("PATCH", "/api/v1/products/P-1", body, { "If-Match": ifMatch });

  it.each(["/api/v1/products/P-1", "/api/v1/staff/products/P-1"])("takes the tag of %s", async (path) => {
    shop.script = async () => ({ product: { id: "P-1", version: 7 } });
    expect((await send("GET", path)).headers.get("etag")).toBe('"7"');
  });

  it.each(['"7"', ' "7" ', '"7-gzip"', '"7-br"', '"7-zstd"'])("binds it to the version in %s", async (tag) => {
    shop.script = async () => ({ product: { id: "P-1", version: 8 } });
    const answer = await patch(tag);
    expect([answer.status, answer.headers.get("etag")]).toEqual([200, '"8"']);
    expect(shop.seen.at(-1)?.request).toMatchObject({ product: { version: 7, title: "x" } });
  });

  it("binds it to none with *", async () => {
    expect((await patch("*")).status).toBe(200);
    expect(shop.seen.at(-1)?.request).toMatchObject({ product: { version: 0 } });
  });

  it("that does not match is 412", async () => {
    shop.script = () => Promise.reject(catalogErrors.PRODUCT_CHANGED());
    const answer = await patch('"7"');
    expect(answer.status).toBe(412);
    expect(await answer.json()).toMatchObject({ reason: "PRODUCT_CHANGED" });
  });

  it.each<[string, number, object?]>([
    ['W/"7"', 412],
    ['"abc"', 412],
    ['""', 412],
    ['"07"', 412],
    ['"99999999999999999999"', 412],
    ["7", 400],
    ['"7", "8"', 400],
    ['"7"', 400, { version: 6 }],
  ])("of %s is %i and reaches nothing", async (tag, status, body) => {
    expect((await patch(tag, body)).status).toBe(status);
    expect(shop.seen).toEqual([]);
  });

  it.each<[string, string, object?, Record<string, string>?]>([
    ["PUT", "/api/v1/products/P-1/variants/S-1/price", {}],
    ["POST", "/api/v1/products/P-1:publish", {}],
    ["PATCH", "/api/v1/users/u1", {}],
    ["DELETE", "/api/v1/users/u1/addresses/a"],
    ["POST", "/api/v1/orders", order, key],
    ["GET", "/api/v1/users/u1"],
    ["POST", "/api/v1/sessions", {}],
  ])("that %s %s cannot check is refused by 412", async (method, path, body, headers) => {
    for (const [name, value] of [
      ["If-Match", '"7"'],
      ["If-Match", "*"],
      ["If-None-Match", "*"],
    ] as const) {
      if (name === "If-None-Match" && method === "GET") continue;
      const answer = await send(method, path, body, { ...headers, [name]: value });
      expect([answer.status, ((await answer.json()) as { reason: string }).reason]).toEqual([
        412,
        "PRECONDITION_FAILED",
      ]);
    }
    expect(shop.seen).toEqual([]);
  });
});

describe("the status of a refusal", () => {
  const methods = [...registry].filter((type) => type.kind === "service").flatMap((service) => service.methods);

  it("is 409 where the state forbids the request, 412 and 422 where the contract declares it, and never 400", () => {
    for (const method of methods) {
      for (const reason of ["STOCK_TOO_LOW", "REFUND_TOO_HIGH", "PRODUCT_NOT_PUBLISHED", "PAYMENT_CLOSED"])
        expect(errorStatusOf(reason, "FAILED_PRECONDITION", method)).toBe(409);
    }
    const of = (name: string, reason: string) =>
      errorStatusOf(
        reason,
        "FAILED_PRECONDITION",
        methods.find((method) => method.name === name),
      );
    expect(of("ListRates", "COUNTRY_NOT_SERVED")).toBe(422);
    expect(of("PlaceOrder", "COUNTRY_NOT_SERVED")).toBe(422);
    expect(of("PlaceOrder", "MIXED_CURRENCIES")).toBe(422);
    expect(of("UpdateProduct", "PRODUCT_CHANGED")).toBe(412);
  });
});

describe("a resource that can be patched", () => {
  const patched = [...registry]
    .flatMap((type) => (type.kind === "service" ? type.methods : []))
    .flatMap((method) => {
      const { pattern, body } = getOption(method, http);
      // A body of single fields is no resource: it has no merge patch.
      return pattern.case === "patch" && body !== "*" ? [[pattern.value, body] as const] : [];
    });

  it.each(patched)("takes a merge patch, and declares it: %s", async (template) => {
    const path = template.replaceAll(/\{[^}]*\}/g, "u1");
    const headers = { "Content-Type": "application/merge-patch+json" };
    expect((await send("PATCH", path, {}, headers)).status).toBe(200);
    const both = "application/json, application/merge-patch+json";
    expect((await send("OPTIONS", path)).headers.get("accept-patch")).toBe(both);
    const refused = await send("PATCH", path, {}, { "Content-Type": "application/json-patch+json" });
    expect([refused.status, refused.headers.get("accept-patch")]).toEqual([415, both]);
  });
});
