import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await startShop({
    rateLimits: '{"sessions":{"limit":3},"default":{"limit":50}}',
    trustedProxies: ["127.0.0.1"],
  });
});
afterEach(() => shop.stop());

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  shop.fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const refresh = (refreshToken: string, headers?: Record<string, string>) =>
  post("/api/v1/sessions:refresh", { refreshToken }, headers);

async function statuses(made: (n: number) => Promise<Response>, times: number): Promise<number[]> {
  const found: number[] = [];
  for (let n = 0; n < times; n++) found.push((await made(n)).status);
  return found;
}

describe("refreshes of many sessions behind one address", () => {
  it("are counted by session, not by address", async () => {
    expect(await statuses((n) => refresh(`session-${n}.secret`), 40)).toEqual(Array(40).fill(200));
  });

  it("of one session are limited, for all its tokens and addresses", async () => {
    const made = (n: number) => refresh(`one.secret-${n}`, { "X-Forwarded-For": `192.0.2.${n}` });
    expect(await statuses(made, 5)).toEqual([200, 200, 200, 429, 429]);
    const refused = await made(6);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.headers.get("ratelimit-policy")).toBe('"sessions";q=3;w=60');
    expect((await refresh("other.secret")).status).toBe(200);
  });

  it("are limited by the address at last, for tokens that are invented", async () => {
    expect((await statuses((n) => refresh(`invented-${n}`), 52)).slice(-2)).toEqual([429, 429]);
    expect((await refresh("another", { "X-Forwarded-For": "192.0.2.1" })).status).toBe(200);
  });
});

describe("the metadata that a service receives with a public request", () => {
  const clientOf = async (headers: Record<string, string>) => {
    await post("/api/v1/sessions", { email: "a@example.com", password: "p" }, headers);
    const metadata = shop.seen.at(-1)?.context.metadata;
    return [metadata?.get("kontor-client-network"), metadata?.get("kontor-client-program")];
  };

  it("is a digest of network and program, which the client cannot set", async () => {
    const from = { "X-Forwarded-For": "2001:db8::1", "User-Agent": "firefox" };
    const client = await clientOf(from);
    for (const digest of client) expect(digest).toMatch(/^[\w-]{22}$/);
    expect(await clientOf({ ...from, "Kontor-Client-Network": "forged", "Kontor-Client-Program": "forged" })).toEqual(
      client,
    );
    expect(await clientOf({ ...from, "X-Forwarded-For": "2001:db8::2" })).toEqual(client);
    const [network, program] = await clientOf({ "X-Forwarded-For": "2001:db8:0:1::1", "User-Agent": "curl" });
    expect(network).not.toBe(client[0]);
    expect(program).not.toBe(client[1]);
  });
});
