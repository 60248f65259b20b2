import { getOption, hasOption } from "@bufbuild/protobuf";
import { http } from "@kontor/contracts/google/api/annotations";
import { methodPolicy } from "@kontor/policy";
import { registry } from "@kontor/shop/registry";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
beforeEach(() => {
  shop.seen.splice(0);
  shop.script = async () => ({});
});
afterAll(() => shop.stop());

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
const order = {
  items: [{ productId: "P-101", quantity: 2, price: 1200 }],
  shippingAddressId: "ADDR-55",
  paymentMethod: "card",
};

function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  return shop.fetch(path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...headers },
  });
}

const routes = [...registry]
  .filter((type) => type.kind === "service")
  .flatMap((service) => service.methods)
  .filter((method) => hasOption(method, http))
  .map((method) => {
    const { pattern } = getOption(method, http);
    if (pattern.case === undefined || pattern.case === "custom")
      throw new Error("no such route in the shop's contracts");
    const path = pattern.value.replaceAll(/\{[^}]*\}/g, "x");
    return [pattern.case.toUpperCase(), path, methodPolicy(method)] as const;
  });

describe("every route of the shop", () => {
  it.each(routes)("%s %s admits the callers of its contract", async (method, path, { auth }) => {
    const stranger = await shop.fetch(path, { method });
    if (auth.kind === "public") return expect([401, 403, 404, 405]).not.toContain(stranger.status);
    if (auth.guests) expect([401, 403, 404, 405]).not.toContain(stranger.status);
    else expect([stranger.status, stranger.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    shop.seen.splice(0);
    const powerless = await shop.fetch(path, { method, ...bearer(shop.token("u1", "nothing.at.all")) });
    expect(powerless.status).toBe(403);
    expect(powerless.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
    if (auth.ownerField !== undefined) {
      const other = await shop.fetch(path, { method, ...bearer(shop.token("someone-else", auth.scopes.join(" "))) });
      expect([400, 403]).toContain(other.status);
    }
    expect(shop.seen).toEqual([]);
  });

  it.each(routes.filter(([, , { auth }]) => auth.guests))(
    "%s %s is 401 for a guest with a bad token",
    async (method, path) => {
      const answer = await shop.fetch(path, { method, ...bearer(shop.token("u1", "orders.write", { exp: 1000 })) });
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, 'Bearer error="invalid_token"']);
      expect(shop.seen).toEqual([]);
    },
  );

  it("has none for RPCs that only services may call", async () => {
    const answer = await post("/shop.payments.v1.PaymentsService/AuthorisePayment", {});
    expect(answer.status).toBe(404);
    expect(shop.seen).toEqual([]);
  });
});

describe("a token", () => {
  const get = (token: string) => shop.fetch("/api/v1/orders/o1", bearer(token));

  it("that is good reaches the upstream with its request", async () => {
    const token = shop.token("u1", "orders.read");
    expect((await get(token)).status).toBe(200);
    expect(shop.seen[0]?.context.metadata.get("authorization")).toBe(`Bearer ${token}`);
  });

  it.each<[string, () => string]>([
    ["expired", () => shop.token("u1", "orders.read", { exp: 1000 })],
    ["of another issuer", () => shop.token("u1", "orders.read", { iss: "https://evil" })],
    ["for another audience", () => shop.token("u1", "orders.read", { aud: "other" })],
    ["not yet valid", () => shop.token("u1", "orders.read", { nbf: 4e9 })],
    ["of another type", () => shop.token("u1", "orders.read", {}, { typ: "JWT" })],
    ["unsigned", () => `${shop.token("u1", "orders.read", {}, { alg: "none" }).split(".").slice(0, 2).join(".")}.`],
    ["of an unknown key", () => shop.token("u1", "orders.read", {}, { kid: "k2", jku: "https://evil" })],
    ["cut", () => shop.token("u1", "orders.read").slice(0, -5)],
    ["none", () => "x"],
  ])("that is %s is 401", async (_, make) => {
    const answer = await get(make());
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
    expect(shop.seen).toEqual([]);
  });
});

describe("an object of another user", () => {
  it("is 403 without the scope to see any", async () => {
    expect((await shop.fetch("/api/v1/users/u2/orders", bearer(shop.token("u1", "orders.read")))).status).toBe(403);
    expect(shop.seen).toEqual([]);
    expect((await shop.fetch("/api/v1/users/u1/orders", bearer(shop.token("u1", "orders.read")))).status).toBe(200);
    expect(
      (await shop.fetch("/api/v1/users/u2/orders", bearer(shop.token("u1", "orders.read orders.read.any")))).status,
    ).toBe(200);
  });

  it("cannot be had by naming oneself in the query", async () => {
    const answer = await shop.fetch("/api/v1/users/u2/orders?user_id=u1", bearer(shop.token("u1", "orders.read")));
    expect(answer.status).toBe(400);
    expect(shop.seen).toEqual([]);
  });
});

describe("an idempotency key", () => {
  const place = (body: object, headers: Record<string, string> = {}) =>
    post("/api/v1/orders", body, { Authorization: `Bearer ${shop.token("u1", "orders.write")}`, ...headers });

  it("is read from the body or the header", async () => {
    expect((await place({ ...order, idempotencyKey: "k" })).status).toBe(201);
    expect((await place(order, { "Idempotency-Key": "k" })).status).toBe(201);
    expect((await place(order, { "Idempotency-Key": '"k"' })).status).toBe(201);
    expect((await place({ ...order, idempotencyKey: "k" }, { "Idempotency-Key": "k" })).status).toBe(201);
    expect(shop.seen.map(({ request }) => request)).toMatchObject(Array(4).fill({ idempotencyKey: "k" }));
  });

  it("that is missing is 400 naming field and header", async () => {
    const answer = await place(order);
    expect(answer.status).toBe(400);
    const { errors } = (await answer.json()) as { errors: { pointer: string; detail: string }[] };
    expect(errors[0]?.pointer).toBe("/idempotencyKey");
    expect(errors[0]?.detail).toContain("Idempotency-Key");
    expect(shop.seen).toEqual([]);
  });

  it("that differs between body and header is 400", async () => {
    const answer = await place({ ...order, idempotencyKey: "a" }, { "Idempotency-Key": "b" });
    expect(answer.status).toBe(400);
    expect(shop.seen).toEqual([]);
  });

  it("that was used before replays, marked as such", async () => {
    shop.script = async (_rpc, _request, context) => {
      context.setHeader("idempotent-replayed", "true");
      context.setHeader("set-cookie", "a=b");
      return {};
    };
    const answer = await place(order, { "Idempotency-Key": "k" });
    expect(answer.headers.get("idempotent-replayed")).toBe("true");
    expect(answer.headers.get("set-cookie")).toBeNull();
  });
});
