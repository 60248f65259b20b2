import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { create, createFileRegistry, fromBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { clientSource, servedMethods } from "@kontor/client-generator";
import { defineErrors } from "@kontor/errors";
import { startUpstream } from "@kontor/rpc/testing";
import { apiError, createClient } from "@kontor/shop/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
beforeEach(() => shop.seen.splice(0));
afterAll(() => shop.stop());

const client = (scopes = "orders.read orders.write") =>
  createClient({ url: shop.url, tokens: shop.token("ada", scopes), timeoutMs: 10_000 });
const { STOCK_AWAY } = defineErrors("notes.test", { STOCK_AWAY: { code: "UNAVAILABLE", message: "Later." } });

describe("the client of the shop", () => {
  it.each(["a:cancel", "a/b:publish", "Müller ß", "100%25"])(
    "reaches the plain RPC with the id %s",
    async (orderId) => {
      shop.script = () => ({ order: { id: orderId } });
      expect((await client().orders.getOrder({ orderId })).id).toBe(orderId);
      expect(shop.seen).toMatchObject([{ rpc: "getOrder", request: { orderId } }]);
    },
  );

  it("sends one idempotency key with all attempts of an order", async () => {
    shop.script = () => {
      if (shop.seen.length < 4) throw STOCK_AWAY();
      return { order: { id: "o1" } };
    };
    const request = {
      items: [{ productId: "P-1", quantity: 1, price: 1200 }],
      shippingAddressId: "A",
      paymentMethod: "card",
    };
    const { id } = await client().orders.placeOrder(request);
    const keys = new Set(shop.seen.map(({ request }) => "idempotencyKey" in request && request.idempotencyKey));
    expect([id, keys.size, shop.seen.length]).toEqual(["o1", 1, 4]);
  });

  it("fails with the reason of the edge, and the fields that are wrong", async () => {
    const request = { items: [], shippingAddressId: "A", paymentMethod: "card" };
    const error = await client().orders.placeOrder(request).catch(apiError);
    expect(error).toMatchObject({ reason: "INVALID_REQUEST", status: 400, errors: [{ pointer: "/items" }] });
    expect(await client("orders.read").orders.placeOrder(request).catch(apiError)).toMatchObject({
      reason: "SCOPE_MISSING",
      status: 403,
    });
  });

  it("follows an order over an interruption, each version once", async () => {
    const connections = [
      async function* () {
        yield { order: { id: "o1", version: 1 } };
        throw STOCK_AWAY();
      },
      async function* () {
        yield { order: { id: "o1", version: 1 } };
        yield { order: { id: "o1", version: 3 } };
      },
      async function* () {
        yield { order: { id: "o1", version: 3 } };
      },
    ];
    shop.script = () => connections.shift()?.();
    const versions: number[] = [];
    for await (const { version } of client().orders.watchOrder({ orderId: "o1" })) versions.push(version);
    expect(versions).toEqual([1, 3]);
  }, 40_000);
});

it("the client of Google's library calls the gateway that serves it", async () => {
  const descriptors = fileURLToPath(new URL("google/google.binpb", import.meta.url));
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, await readFile(descriptors)));
  const requests: unknown[] = [];
  const upstream = await startUpstream(registry, ({ input, output, name }, request) => {
    requests.push([name, toJson(input, request)]);
    return create(output);
  });
  const edge = await startShop({ descriptors, auth: "off", upstreams: JSON.stringify({ "*": upstream.address }) });
  const folder = await mkdtemp(join(tmpdir(), "kontor-client-"));
  try {
    const runtime = import.meta.resolve("@kontor/client");
    const methods = servedMethods(registry, false);
    await writeFile(join(folder, "client.ts"), clientSource({ methods, policy: false, reasons: {}, runtime }));
    const { createClient: clientOf } = await import(pathToFileURL(join(folder, "client.ts")).href);
    const google = clientOf({ url: edge.url });
    await google.library.getBook({ name: "shelves/s1/books/b:move" });
    await google.library.moveBook({ name: "shelves/s1/books/b1", otherShelfName: "shelves/s2" });
    await google.library.createShelf({ shelf: { theme: "Sea" } });
    await google.publisher.publish({ topic: "projects/p/topics/t", messages: [{ data: "aGk=" }] });
    await google.library.listShelves({ pageSize: 3 });
    expect(requests).toEqual([
      ["GetBook", { name: "shelves/s1/books/b:move" }],
      ["MoveBook", { name: "shelves/s1/books/b1", otherShelfName: "shelves/s2" }],
      ["CreateShelf", { shelf: { theme: "Sea" } }],
      ["Publish", { topic: "projects/p/topics/t", messages: [{ data: "aGk=" }] }],
      ["ListShelves", { pageSize: 3 }],
    ]);
  } finally {
    await edge.stop();
    upstream.kill();
    await rm(folder, { recursive: true, force: true });
  }
});
