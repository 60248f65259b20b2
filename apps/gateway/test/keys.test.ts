import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

let proxy: TcpProxy;
let shop: Shop;
beforeAll(async () => {
  proxy = await startTcpProxy();
  shop = await startShop({ upstreams: JSON.stringify({ "shop.users.v1.UsersService": proxy.address }) });
  proxy.forwardTo(shop.servicesPort);
});
beforeEach(() => {
  shop.seen.splice(0);
  shop.script = async () => ({});
});
afterAll(() => shop.stop());

describe("the keys of a gateway that starts", () => {
  it("are loaded before it listens: its first token is verified while the users service is unreachable", async () => {
    const own = await startTcpProxy();
    const upstreams = JSON.stringify({ "shop.users.v1.UsersService": own.address });
    const fresh = await startShop({ upstreams, warmUpMs: 20_000 }, [], own.forwardTo);
    await own.cut();
    const headers = { Authorization: `Bearer ${fresh.token("u1", "orders.read")}` };
    expect((await fresh.fetch("/api/v1/orders/o1", { headers })).status).toBe(200);
    await fresh.stop();
  });
});

const get = (token: string) => shop.fetch("/api/v1/orders/o1", { headers: { Authorization: `Bearer ${token}` } });

describe("the keys of tokens", () => {
  it("remain when the issuer becomes unreachable: new tokens are verified by them", async () => {
    expect((await get(shop.token("u1", "orders.read"))).status).toBe(200);
    await proxy.cut();
    expect((await shop.fetch("/.well-known/jwks.json")).status).toBe(503);
    for (const subject of ["u2", "u3"]) expect((await get(shop.token(subject, "orders.read"))).status).toBe(200);
    shop.seen.splice(0);
    expect((await get(shop.token("u4", "orders.read", {}, { kid: "k2" }))).status, "an unknown key").toBe(401);
    expect((await get(`${shop.token("u5", "orders.read").slice(0, -4)}AAAA`)).status, "a wrong signature").toBe(401);
    expect(shop.seen).toEqual([]);
    expect((await get(shop.token("u6", "orders.read"))).status, "after both").toBe(200);
  });
});
