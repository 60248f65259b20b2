import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop({ deadlineCap: 2_000 });
});
beforeEach(() => {
  shop.seen.splice(0);
  shop.script = async () => ({});
});
afterAll(() => shop.stop());

const user = () => ({ Authorization: `Bearer ${shop.token("u1", "orders.read orders.write")}` });
const metadata = () => shop.seen.at(-1)?.context.metadata;

/** The status of a request of which only the head is sent. */
function statusOfHead(method: string, path: string, headers: Record<string, string | string[]>): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(shop.url + path, { method, headers, agent: false }, (response) => {
      resolve(response.statusCode ?? 0);
      outgoing.destroy();
    });
    outgoing.on("error", reject).flushHeaders();
  });
}

describe("bytes that are no request", () => {
  it.each([
    [
      "headers of 40,000 bytes",
      431,
      `GET /api/v1/products HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(40_000)}\r\n\r\n`,
    ],
    ["a URL of 10,000 bytes", 414, `GET /api/v1/products?q=${"x".repeat(10_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ["no Host", 400, "GET /api/v1/products HTTP/1.1\r\n\r\n"],
    ["two Hosts", 400, "GET /api/v1/products HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"],
    ["a header that is folded", 400, "GET /api/v1/products HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n"],
    ["a line feed alone", 400, "GET /api/v1/products HTTP/1.1\nHost: x\n\n"],
    ["a NUL in a header", 400, "GET /api/v1/products HTTP/1.1\r\nHost: x\r\nX-A: \0\r\n\r\n"],
    ["HTTP/2 in the clear", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    [
      "a chunk without a size",
      400,
      "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    ],
  ])("with %s are %i, or no response, and the upstream receives nothing", async (_, status, bytes) => {
    const socket = connect(Number(new URL(shop.url).port), "127.0.0.1");
    socket.on("error", () => {}).write(bytes);
    socket.setTimeout(1_500, () => socket.end());
    const answer = await text(socket);
    if (answer !== "") expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(shop.seen).toEqual([]);
  });
});

describe("a body", () => {
  const post = (headers: Record<string, string>) => statusOfHead("POST", "/api/v1/orders", { ...user(), ...headers });

  it.each([
    ["of another type", 415, { "Content-Type": "text/plain" }],
    ["of another charset", 415, { "Content-Type": "application/json; charset=utf-16" }],
    ["of two types with a comma", 415, { "Content-Type": "application/json, text/plain" }],
    ["in an unknown encoding", 415, { "Content-Type": "application/json", "Content-Encoding": "zstd" }],
    ["over the limit", 413, { "Content-Type": "application/json", "Content-Length": "4194305" }],
  ])("%s is %i before any of it is read, and the upstream receives nothing", async (_, status, headers) => {
    expect(await post({ "Content-Length": "100", ...headers })).toBe(status);
    expect(shop.seen).toEqual([]);
  });

  it("without a token is 401, for any content", async () => {
    const headers = { "Content-Type": "text/plain", "Content-Length": "4194305" };
    expect(await statusOfHead("POST", "/api/v1/orders", headers)).toBe(401);
    expect(shop.seen).toEqual([]);
  });
});

describe("metadata", () => {
  it("takes nothing from headers that are for the connection, for gRPC or for identity", async () => {
    const headers = {
      ...user(),
      ...{ TE: "trailers", "Keep-Alive": "timeout=5", "Proxy-Authorization": "Basic x", Forwarded: "for=1.2.3.4" },
      ...{ "Grpc-Timeout": "1n", "Grpc-Encoding": "gzip", "Grpc-Trace-Bin": "AA==", "Grpc-Metadata-Role": "admin" },
      ...{ "X-Forwarded-For": "1.2.3.4", "X-Forwarded-Host": "evil", "X-Real-Ip": "1.2.3.4", "X-User-Id": "root" },
      ...{ "Kontor-Caller": "orders", "Kontor-Caller-Token": "", "Content-Bin": "AA==", ":authority": "evil" },
    };
    const { ":authority": _, ...real } = headers;
    expect(await statusOfHead("GET", "/api/v1/orders/o1", real)).toBe(200);
    const told = metadata();
    const names = Object.keys(real).filter((name) => name !== "Authorization");
    expect(names.filter((name) => told?.get(name.toLowerCase()) !== undefined)).toEqual([]);
  });

  it("knows no `Connection` that makes a header vanish or appear", async () => {
    await statusOfHead("GET", "/api/v1/orders/o1", { ...user(), Connection: "close, X-Request-Id, Authorization" });
    expect(metadata()?.get("authorization")).toMatch(/^Bearer /);
  });

  it.each(["de\u00e9", "\u4e2d"])(
    "of a header that is not ASCII is 400, and the upstream receives nothing",
    async (value) => {
      const socket = connect(Number(new URL(shop.url).port), "127.0.0.1");
      const head = `GET /api/v1/orders/o1 HTTP/1.1\r\nHost: x\r\nAuthorization: ${user().Authorization}\r\n`;
      socket.write(`${head}Accept-Language: ${value}\r\nConnection: close\r\n\r\n`);
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
      expect(shop.seen).toEqual([]);
    },
  );
});

describe("a deadline", () => {
  it("never exceeds the cap, whatever contract and client declare", async () => {
    await shop.fetch("/api/v1/orders/o1", { headers: { ...user(), "X-Request-Timeout": "59M" } });
    const left = (shop.seen[0]?.context.deadline.getTime() ?? 0) - Date.now();
    expect(left).toBeLessThanOrEqual(2_000);
    expect(left).toBeGreaterThan(0);
  });
});

describe("a token", () => {
  const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = () => {
    const now = Math.floor(Date.now() / 1_000);
    const sub = { iss: "https://kontor.local", aud: "kontor", sub: "u1", scope: "orders.read" };
    return { ...sub, iat: now, exp: now + 600 };
  };
  const get = (token: string) => shop.fetch("/api/v1/orders/o1", { headers: { Authorization: `Bearer ${token}` } });
  async function isRefused(token: string): Promise<void> {
    expect((await get(token)).status).toBe(401);
    expect(shop.seen).toEqual([]);
  }

  it("signed by HMAC with the public key for a secret is 401", async () => {
    const { keys } = (await (await shop.fetch("/.well-known/jwks.json")).json()) as {
      keys: { kid: string; x: string }[];
    };
    const [{ kid, x } = { kid: "", x: "" }] = keys;
    for (const secret of [x, Buffer.from(x, "base64url"), JSON.stringify(keys[0])]) {
      const input = `${base64({ alg: "HS256", typ: "at+jwt", kid })}.${base64(claims())}`;
      await isRefused(`${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`);
    }
  });

  it.each(["jwk", "jku", "x5u"])("that brings its own key as %s is 401", async (member) => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const jwk = publicKey.export({ format: "jwk" });
    const own = member === "jwk" ? jwk : "https://evil.example/keys";
    for (const kid of ["k1", "own"]) {
      const input = `${base64({ alg: "EdDSA", typ: "at+jwt", kid, [member]: own })}.${base64(claims())}`;
      await isRefused(`${input}.${sign(null, Buffer.from(input), privateKey).toString("base64url")}`);
    }
  });

  it("over the size limit of a request's head is 401 or 431", async () => {
    expect([401, 431]).toContain((await get("x".repeat(20_000))).status);
    expect([401, 431]).toContain((await get("x".repeat(40_000))).status);
    expect(shop.seen).toEqual([]);
  });

  it.each(["Basic", "Token", "bearer:", "Bearer,"])("under the scheme %s is none", async (scheme) => {
    const answer = await shop.fetch("/api/v1/orders/o1", {
      headers: { Authorization: `${scheme} ${shop.token("u1", "orders.read")}` },
    });
    expect(answer.status).toBe(401);
    expect(shop.seen).toEqual([]);
  });
});

describe("a slow reader", () => {
  it("slows the upstream down, so that no messages accumulate in the gateway", async () => {
    let sent = 0;
    let ended = false;
    const big = "x".repeat(64 * 1024);
    shop.script = async function* () {
      try {
        for (; sent < 5_000; sent++) yield { order: { id: big } };
      } finally {
        ended = true;
      }
    };
    const headers = { ...user(), Accept: "application/x-ndjson" };
    const outgoing = request(`${shop.url}/api/v1/orders/o1:watch`, { headers, agent: false }).end();
    const response = await new Promise<import("node:http").IncomingMessage>((resolve) =>
      outgoing.on("response", resolve),
    );
    response.pause();
    let before = -1;
    const stalled = () => {
      const same = sent > 0 && sent === before;
      before = sent;
      return same;
    };
    await expect.poll(stalled, { interval: 500, timeout: 20_000 }).toBe(true);
    expect(sent).toBeLessThan(1_000);
    response.on("error", () => {});
    outgoing.destroy();
    await expect.poll(() => ended, { timeout: 1_000 }).toBe(true);
  });
});
