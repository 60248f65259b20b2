import { request } from "node:http";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

const tokens = { accessToken: "x".repeat(5_000), refreshToken: "y" };
const product = (id: string, size: number) => ({ id, title: "T", description: "d".repeat(size), version: 7 });
const answers: Record<string, (request: { readonly productId?: string }) => unknown> = {
  getProduct: ({ productId = "" }) => ({ product: product(productId, Number(productId)) }),
  listProducts: () => ({ products: Array.from({ length: 20 }, (_, i) => product(`P-${i}`, 500)) }),
  listOrders: () => ({ orders: Array.from({ length: 50 }, (_, i) => ({ id: `o${i}` })) }),
  login: () => ({ session: tokens }),
};

let shop: Shop;
const start = async (config: Parameters<typeof startShop>[0] = {}) => {
  const started = await startShop(config);
  started.script = (rpc, message) => answers[rpc]?.(message as { productId?: string }) ?? {};
  return started;
};
beforeAll(async () => {
  shop = await start();
});
afterAll(() => shop.stop());

interface Received {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** Sends a request unchanged; unlike fetch, it decodes nothing. */
function send(path: string, headers: Record<string, string> = {}, method = "GET", body?: object, to = shop) {
  return new Promise<Received>((resolve, reject) => {
    const outgoing = request(to.url + path, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    outgoing.on("error", reject).end(body && JSON.stringify(body));
  });
}
const accepting = (coding: string, more: Record<string, string> = {}) => ({ "Accept-Encoding": coding, ...more });
const list = "/api/v1/products";
const one = "/api/v1/products/5000";
const bearer = () => ({ Authorization: `Bearer ${shop.token("u1", "orders.read orders.write")}` });
const decoders = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync };
const codings = Object.keys(decoders) as (keyof typeof decoders)[];

describe("a large response to a read", () => {
  it.each(codings)("is compressed as %s for a client that accepts it, and has the same content", async (coding) => {
    const plain = await send(list);
    const { status, headers, body } = await send(list, accepting(`deflate, ${coding};q=0.5`));
    expect([status, headers["content-encoding"]]).toEqual([200, coding]);
    expect(headers["content-length"]).toBe(String(body.length));
    expect(body.length).toBeLessThan(plain.body.length / 4);
    expect(decoders[coding](body).toString()).toBe(plain.body.toString());
    expect(headers.vary).toBe(plain.headers.vary);
    expect(
      String(headers.vary)
        .split(", ")
        .filter((name) => name === "Accept-Encoding"),
    ).toHaveLength(1);
  });

  it.each([undefined, "identity", "gzip;q=0", "*;q=0", "deflate"])(
    "is sent unchanged for Accept-Encoding %s",
    async (header) => {
      const { headers, body } = await send(list, header === undefined ? {} : accepting(header));
      expect(headers["content-encoding"]).toBeUndefined();
      expect(JSON.parse(body.toString())).toHaveProperty("products");
    },
  );

  it("is compressed also with personal data, which no cache stores", async () => {
    const { headers } = await send("/api/v1/users/u1/orders", accepting("gzip", bearer()));
    expect([headers["content-encoding"], headers["cache-control"]]).toEqual(["gzip", "no-store"]);
    expect(headers.vary).toBe("Accept-Encoding");
  });

  it("is negotiated for HEAD as for GET", async () => {
    const [get, head] = await Promise.all([send(list, accepting("br")), send(list, accepting("br"), "HEAD")]);
    expect(head.body).toHaveLength(0);
    const shared = ["content-encoding", "content-length", "content-type", "etag", "vary", "cache-control"];
    for (const name of shared) expect([name, head.headers[name]]).toEqual([name, get.headers[name]]);
  });

  it("is compressed for contracts of others, and varies by the origin as before", async () => {
    const other = await start({ auth: "off", corsOrigins: ["https://a.example"] });
    const { headers } = await send(list, accepting("gzip", { Origin: "https://a.example" }), "GET", undefined, other);
    expect([headers["content-encoding"], headers.vary]).toEqual(["gzip", "Origin, Accept-Encoding"]);
    await other.stop();
  });
});

describe("responses that are not compressed", () => {
  it("has fewer bytes than COMPRESS_FROM, and does not vary", async () => {
    const { headers } = await send("/api/v1/products/100", accepting("gzip"));
    expect(headers["content-encoding"]).toBeUndefined();
    expect(headers.vary).not.toContain("Accept-Encoding");
  });

  it("responds to a write, as tokens do", async () => {
    const login = { email: "a@example.com", password: "secret secret" };
    const headers = accepting("gzip", { "Content-Type": "application/json" });
    const answer = await send("/api/v1/sessions", headers, "POST", login);
    expect(JSON.parse(answer.body.toString())).toMatchObject(tokens);
    expect(answer.headers["content-encoding"]).toBeUndefined();
  });

  it("is an event stream", async () => {
    shop.script = async function* () {
      yield { order: { id: "o".repeat(5_000), version: 1 } };
    };
    const headers = accepting("gzip", { Accept: "text/event-stream", ...bearer() });
    const { headers: received, body } = await send("/api/v1/orders/o1:watch", headers);
    expect([received["content-encoding"], body.toString()]).toEqual([undefined, expect.stringContaining("id: 1\n")]);
    shop.script = (rpc, message) => answers[rpc]?.(message as { productId?: string }) ?? {};
  });

  it("is anything where COMPRESS_FROM is 0", async () => {
    const off = await start({ compressFrom: 0 });
    const { headers } = await send(list, accepting("gzip"), "GET", undefined, off);
    expect(headers["content-encoding"]).toBeUndefined();
    expect(headers.vary).not.toContain("Accept-Encoding");
    await off.stop();
  });
});

describe("the entity tag of a compressed response", () => {
  const tagOf = async (coding: string) => String((await send(one, accepting(coding))).headers.etag);

  it("is its own, and strong", async () => {
    const plain = await tagOf("identity");
    expect(plain).toMatch(/^"[\w-]+"$/);
    for (const coding of codings) expect(await tagOf(coding)).toBe(plain.replace(/"$/, `-${coding}"`));
  });

  it("is 304 for a client that has this representation, and no other", async () => {
    const all = ["identity", ...codings];
    for (const had of all) {
      const tag = await tagOf(had);
      for (const wanted of all) {
        for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
          const { status, headers, body } = await send(one, accepting(wanted, { "If-None-Match": known }));
          expect([had, wanted, status]).toEqual([had, wanted, had === wanted ? 304 : 200]);
          if (status !== 304) continue;
          expect(body).toHaveLength(0);
          const full = await send(one, accepting(wanted));
          for (const name of ["etag", "vary", "cache-control"])
            expect([name, headers[name]]).toEqual([name, full.headers[name]]);
          for (const name of ["content-encoding", "content-type"]) expect(headers[name]).toBeUndefined();
        }
      }
    }
  });
});
