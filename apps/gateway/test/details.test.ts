import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startNotes } from "./notes.ts";
import { type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop({ deadlineDefault: 7_000, deadlineCap: 20_000 });
});
beforeEach(() => {
  shop.seen.splice(0);
  shop.script = async () => ({});
});
afterAll(() => shop.stop());

const user = () => ({ Authorization: `Bearer ${shop.token("u1", "orders.read orders.write")}` });

/** The status of a request of which only the head is sent. */
function headOnly(method: string, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(shop.url + path, { method, headers, agent: false }, (response) => {
      resolve(response.statusCode ?? 0);
      outgoing.destroy();
    });
    outgoing.on("error", reject).flushHeaders();
  });
}

describe("every answer", () => {
  it.each<[number, string, string, () => Record<string, string>]>([
    [200, "GET", "/api/v1/orders/o1", user],
    [200, "HEAD", "/api/v1/orders/o1", user],
    [200, "GET", "/healthz", () => ({})],
    [200, "GET", "/readyz", () => ({})],
    [200, "GET", "/api/v1/orders/o1/details", user],
    [204, "OPTIONS", "/api/v1/orders", () => ({})],
    [400, "GET", "/api/v1/orders/%zz", user],
    [400, "GET", "/api/v1/orders/o1?nope=1", user],
    [401, "GET", "/api/v1/orders/o1", () => ({})],
    [401, "HEAD", "/api/v1/orders/o1", () => ({})],
    [404, "GET", "/nowhere", () => ({})],
    [405, "DELETE", "/api/v1/orders", () => ({})],
    [414, "GET", `/api/v1/products?q=${"x".repeat(9000)}`, () => ({})],
    [417, "GET", "/api/v1/products", () => ({ Expect: "tea" })],
  ])("of %i to %s %s has nosniff and the request id", async (status, method, path, headers) => {
    const { statusCode, headers: told } = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
      const outgoing = request(
        shop.url + path,
        { method, headers: { "X-Request-Id": "r-1", ...headers() }, agent: false },
        (response) => resolve(response.resume()),
      );
      outgoing.on("error", reject).end();
    });
    expect(statusCode).toBe(status);
    expect(told["x-content-type-options"]).toBe("nosniff");
    expect(told["x-request-id"]).toBe("r-1");
    if (status >= 400) expect(shop.seen).toEqual([]);
  });
});

describe("CORS", () => {
  it("is disabled unless it is configured", async () => {
    const answer = await shop.fetch("/api/v1/orders", {
      method: "OPTIONS",
      headers: { Origin: "https://shop.example", "Access-Control-Request-Method": "POST" },
    });
    expect(answer.status).toBe(204);
    expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });
});

describe("a query parameter that names no field", () => {
  it("is removed where the contract says so, and refused where it does not", async () => {
    const notes = await startNotes();
    notes.script = async () => ({});
    expect((await notes.fetch("/tags?utm_source=x&prefix=a")).status).toBe(200);
    expect(notes.seen.map(({ request }) => request)).toMatchObject([{ prefix: "a" }]);
    expect((await notes.ask("GET", "/notes/1?utm_source=x")).status).toBe(400);
    expect(notes.seen).toHaveLength(1);
    await notes.stop();
  });
});

describe("a body", () => {
  it("of more than 4 MiB is 413 before it is read, and the upstream receives nothing", async () => {
    const json = { ...user(), "Content-Type": "application/json" };
    expect(await headOnly("POST", "/api/v1/orders", { ...json, "Content-Length": String(4 * 1024 * 1024 + 1) })).toBe(
      413,
    );
    expect(shop.seen).toEqual([]);
  });
});

describe("the deadline of an upstream's call", () => {
  const left = async (headers = {}) => {
    await shop.fetch("/api/v1/orders/o1", { headers: { ...user(), ...headers } });
    return (shop.seen.at(-1)?.context.deadline.getTime() ?? 0) - Date.now();
  };

  it.each<[string, Record<string, string>, number]>([
    ["the contract's, or the configured one", {}, 15_000],
    ["the client's when it is shorter", { "X-Request-Timeout": "3S" }, 3_000],
    ["never the client's when it is longer", { "X-Request-Timeout": "99999999H" }, 15_000],
  ])("is %s", async (_, headers, most) => {
    const ms = await left(headers);
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(most);
  });

  it("that has passed before the body arrived starts nothing", async () => {
    const status = await headOnly("POST", "/api/v1/orders", {
      ...user(),
      "Content-Type": "application/json",
      "Content-Length": "10",
      "X-Request-Timeout": "50m",
    });
    expect(status).toBe(504);
    expect(shop.seen).toEqual([]);
  });
});

describe("a client that goes away", () => {
  it("takes its call with it within a second", async () => {
    let cancelled = false;
    shop.script = (_rpc, _request, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          cancelled = true;
          reject(signal.reason);
        });
      });
    const gone = new AbortController();
    const asked = shop.fetch("/api/v1/orders/o1", { headers: user(), signal: gone.signal });
    await expect.poll(() => shop.seen).toHaveLength(1);
    gone.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(() => cancelled, { timeout: 1000 }).toBe(true);
  });
});

describe("tokens while the issuer was never there", () => {
  it("are 503, and do not reach the upstream", async () => {
    const upstreams = JSON.stringify({ "shop.users.v1.UsersService": "127.0.0.1:1" });
    const alone = await startShop({ upstreams });
    const headers = { Authorization: `Bearer ${alone.token("u1", "orders.read")}` };
    const answer = await alone.fetch("/api/v1/orders/o1", { headers });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("www-authenticate")).toBeNull();
    expect(alone.seen).toEqual([]);
    await alone.stop();
  });
});

describe("a header", () => {
  it("is one value, also with commas", async () => {
    await shop.fetch("/api/v1/orders/o1", { headers: { ...user(), "Accept-Language": "en-GB, de;q=0.5" } });
    expect(shop.seen[0]?.context.metadata.get("accept-language")).toBe("en-GB, de;q=0.5");
  });

  it("that is malformed in traceparent begins a new trace", async () => {
    const traceparent = "00-00000000000000000000000000000000-0123456789abcdef-01";
    await shop.fetch("/api/v1/orders/o1", { headers: { ...user(), traceparent } });
    expect(shop.seen[0]?.context.metadata.get("traceparent")).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
  });

  it.each([["X-Request-Timeout"], ["Content-Type"], ["Authorization"]])("%s given twice is refused", async (name) => {
    const value = {
      "X-Request-Timeout": "1S",
      "Content-Type": "application/json",
      Authorization: user().Authorization,
    };
    const twice = [...Object.entries(user()).flat(), "Host", "x", "Content-Length", "2"];
    for (let i = name === "Authorization" ? 1 : 0; i < 2; i++) twice.push(name, value[name as keyof typeof value]);
    const status = await new Promise<number>((resolve, reject) => {
      const outgoing = request(
        `${shop.url}/api/v1/orders`,
        { method: "POST", headers: twice as never, agent: false },
        (r) => resolve(r.resume().statusCode ?? 0),
      );
      outgoing.on("error", reject).end("{}");
    });
    expect([400, 401, 415]).toContain(status);
    expect(shop.seen).toEqual([]);
  });
});
