import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { create, createFileRegistry, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Metadata } from "@grpc/grpc-js";
import { startUpstream, type Upstream } from "@kontor/rpc/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

const descriptors = fileURLToPath(new URL("../../../packages/transcoder/test/library.binpb", import.meta.url));
let upstream: Upstream;
let edge: Shop;
let seen: Metadata[] = [];

async function start(config: Parameters<typeof startShop>[0] = {}): Promise<Shop> {
  const upstreams = JSON.stringify({ "transcoder.test.v1.LibraryService": upstream.address });
  return startShop({ descriptors, upstreams, auth: "off", ...config });
}
beforeAll(async () => {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, await readFile(descriptors)));
  upstream = await startUpstream(registry, ({ output }) => create(output));
  edge = await start();
});
beforeEach(() => {
  seen = [];
  upstream.handler = ({ output }, _, metadata) => {
    seen.push(metadata);
    return create(output);
  };
});
afterAll(async () => {
  await edge.stop();
  upstream.kill();
});

describe("the token of a client", () => {
  const get = (shop: Shop) => shop.fetch("/v1/books/1", { headers: { Authorization: "Bearer secret" } });

  it("is not passed on where the gateway has no policy", async () => {
    expect((await get(edge)).status).toBe(200);
    expect(seen[0]?.get("authorization")).toEqual([]);
  });

  it("is passed on where FORWARDED_HEADERS names it", async () => {
    const shop = await start({ forwardedHeaders: ["Authorization"] });
    await get(shop);
    expect(seen[0]?.get("authorization")).toEqual(["Bearer secret"]);
    await shop.stop();
  });
});

describe("google.api.HttpBody", () => {
  const post = (answer: object, shop = edge) => {
    upstream.handler = ({ output }) => create(output, answer as MessageInitShape<typeof output>);
    return shop.fetch("/v1/uploads/a", { method: "POST", body: "x", headers: { "Content-Type": "text/csv" } });
  };

  it.each(["http2", "grpc-js"] as const)("keeps its content type when it is empty, over %s", async (grpcClient) => {
    const shop = await start({ grpcClient });
    const answer = await post({ contentType: "text/csv" }, shop);
    expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([200, "text/csv", ""]);
    await shop.stop();
  });

  it.each(["text/html\r\nX-Evil: 1", "text/html, text/plain"])(
    "with the content type %j is 502",
    async (contentType) => {
      const answer = await post({ contentType });
      expect(answer.status).toBe(502);
      expect(answer.headers.get("x-evil")).toBeNull();
    },
  );
});

describe("a request", () => {
  it.each([
    ["without Host", ""],
    ["with two", "Host: a\r\nHost: b\r\n"],
    ["with the same one twice", "Host: a\r\nhost: a\r\n"],
    ["with a list of hosts", "Host: a, b\r\n"],
    ["with a URL as host", "Host: http://a/\r\n"],
    ["with a user in its host", "Host: a@b\r\n"],
  ])("%s is 400 and closes its connection", async (_, host) => {
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(edge.url).port), "127.0.0.1");
      let received = "";
      socket.on("data", (chunk) => {
        received += chunk;
      });
      socket.on("close", () => resolve(received)).on("error", reject);
      socket.write(`GET /v1/books/1 HTTP/1.1\r\n${host}\r\nGET /v1/books/2 HTTP/1.1\r\nHost: a\r\n\r\n`);
    });
    expect(text).toMatch(/^HTTP\/1.1 400 /);
    expect(text.match(/HTTP\/1.1 /g)).toHaveLength(1);
    expect(text.toLowerCase()).toContain("connection: close");
    expect(seen).toEqual([]);
  });

  it.each(["a", "a:1", "[::1]:80", "a_b.example", ""])("with the host %j is served", async (host) => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(edge.url).port), "127.0.0.1").on("error", reject);
      socket.once("data", (chunk) => resolve(String(chunk))).write(`GET /v1/books/1 HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      socket.once("data", () => socket.destroy());
    });
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
  });
});
