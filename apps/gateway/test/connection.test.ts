import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

it("responds to a request that garbage follows, and to nothing else, before it closes", async () => {
  const { port } = new URL(shop.url);
  const text = await new Promise<string>((resolve) => {
    let received = "";
    const head = "GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(`${head}; garbage\r\n\r\n`));
    socket.on("data", (chunk) => (received += chunk));
    socket.on("error", () => {}).on("close", () => resolve(received));
  });
  expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
});
