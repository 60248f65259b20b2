import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

/** The reaction of a server that is no gRPC server to a call. */
let misbehave: (stream: ServerHttp2Stream) => void;
let server: Http2Server;
let shop: Shop;
const sessions = new Set<ServerHttp2Session>();

beforeAll(async () => {
  server = createServer();
  server.on("session", (session) => sessions.add(session.on("close", () => sessions.delete(session))));
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => {});
    misbehave(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
beforeEach(async () => {
  // A separate gateway for each, whose breaker has not opened yet.
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const services = ["shop.catalog.v1.CatalogService", "shop.orders.v1.OrdersService"];
  const upstreams = JSON.stringify(Object.fromEntries(services.map((service) => [service, address])));
  shop = await startShop({ upstreams });
});
afterEach(() => shop.stop());
afterAll(() => {
  for (const session of sessions) session.destroy();
  server.close();
});

const head = { ":status": 200, "content-type": "application/grpc+proto" };
const frame = (...bytes: number[]) => Buffer.from([0, 0, 0, 0, bytes.length, ...bytes]);
const ending = (stream: ServerHttp2Stream, trailers: Record<string, string>, body = Buffer.alloc(0)) => {
  stream.respond(head, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(body);
};

describe("an upstream", () => {
  it.each<[string, (stream: ServerHttp2Stream) => void]>([
    ["resets the call", (stream) => stream.close(2)],
    [
      "resets the call in the middle of its response",
      (stream) => stream.respond(head) ?? stream.write(frame(10), () => stream.close(2)),
    ],
    ["drops the connection", (stream) => stream.session?.destroy()],
    [
      "drops the connection in the middle of its response",
      (stream) => stream.respond(head) ?? stream.write(frame(10), () => stream.session?.destroy()),
    ],
    ["ends without a status", (stream) => ending(stream, {})],
    ["sends OK without a message", (stream) => ending(stream, { "grpc-status": "0" })],
    ["sends two messages", (stream) => ending(stream, { "grpc-status": "0" }, Buffer.concat([frame(), frame()]))],
    ["sends bytes that are no message", (stream) => ending(stream, { "grpc-status": "0" }, frame(10, 200, 1, 2))],
    [
      "responds with plain HTTP",
      (stream) => stream.respond({ ":status": 404, "content-type": "text/html" }) ?? stream.end("secret"),
    ],
  ])("that %s is a typed 502 or 503 without its details", async (_, answer) => {
    misbehave = answer;
    const response = await shop.fetch("/api/v1/products");
    const text = await response.text();
    expect([502, 503], text).toContain(response.status);
    expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    const problem = JSON.parse(text);
    expect(problem).toMatchObject({ status: response.status, code: expect.any(String), reason: expect.any(String) });
    expect(problem.detail).toMatch(/^The (service|request) c/);
  });

  it.each([
    ["are no base64", "%%%"],
    ["are no google.rpc.Status", Buffer.from([255, 255]).toString("base64")],
  ])("whose details %s is shown by its code, never by a 500", async (_, details) => {
    misbehave = (stream) =>
      ending(stream, { "grpc-status": "9", "grpc-message": "not now", "grpc-status-details-bin": details });
    const answer = await shop.fetch("/api/v1/products");
    expect(answer.status).toBeLessThan(500);
    expect(await answer.json()).toMatchObject({ code: "FAILED_PRECONDITION", detail: "not now" });
  });

  it("with an unknown code is a 500 without details", async () => {
    misbehave = (stream) => ending(stream, { "grpc-status": "99", "grpc-message": "secret" });
    const answer = await shop.fetch("/api/v1/products");
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("secret");
  });

  it.each<[string, (stream: ServerHttp2Stream) => void]>([
    ["lost", (stream) => stream.session?.destroy()],
    ["lost with an error", (stream) => stream.session?.goaway(2)],
  ])("that is %s in the middle of a stream leaves an in-band error, never a clean end", async (_, lose) => {
    misbehave = (stream) => stream.respond(head) ?? stream.write(frame(), () => lose(stream));
    const headers = {
      Authorization: `Bearer ${shop.token("u1", "orders.read")}`,
      Accept: "application/x-ndjson",
    };
    const answer = await shop.fetch("/api/v1/orders/o1:watch", { headers });
    expect(answer.status).toBe(200);
    const last = (await answer.text()).trimEnd().split("\n").at(-1) ?? "";
    expect(JSON.parse(last)).toMatchObject({ error: { code: "UNAVAILABLE", status: 503 } });
  });
});
