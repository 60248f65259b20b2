import { type CallOptions, ClientError, type ClientOptions, createClient } from "@kontor/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { json, startServer, type TestServer } from "./server.ts";

interface Calls {
  readonly orders: Record<
    "get" | "place" | "plain" | "upload",
    (request: object, options?: CallOptions) => Promise<{ readonly id?: string }>
  >;
}
const api = {
  orders: {
    get: { http: "GET /orders/{id}", guarded: true, safe: true },
    place: { http: "POST /orders", body: "*", guarded: true, key: "" },
    plain: { http: "POST /plain", body: "*", guarded: true },
    upload: { http: "POST /files", body: "content", guarded: true, safe: true },
  },
};

let server: TestServer;
const client = (options: ClientOptions = {}) => createClient<Calls>(api, { url: server.url, ...options }).orders;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(() => server.received.splice(0));
afterAll(() => server.stop());

const failing = (status: number, reason: string, headers = {}, times = 1): TestServer["respond"] => {
  return (_, response, index) =>
    index < times
      ? json(response, status, { status, reason, detail: "No." }, headers)
      : json(response, 200, { id: "1" });
};
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => "success",
    (error: unknown) => error,
  );

describe("a call that failed for now", () => {
  it("is repeated after Retry-After with the same bytes and the same key", async () => {
    server.respond = failing(503, "UNAVAILABLE", { "retry-after": "1" });
    const began = performance.now();
    expect(await client().place({ items: [1] })).toEqual({ id: "1" });
    expect(performance.now() - began).toBeGreaterThan(990);
    const [first, second] = server.received;
    expect(second?.body).toBe(first?.body);
    expect(first?.headers["idempotency-key"]).toMatch(/^[0-9a-f]{32}$/);
    expect(second?.headers["idempotency-key"]).toBe(first?.headers["idempotency-key"]);
  });

  it("is not repeated if it may not: a write without a key", async () => {
    server.respond = failing(503, "UNAVAILABLE");
    expect(await failureOf(client().plain({}))).toMatchObject({ reason: "UNAVAILABLE", status: 503 });
    expect(server.received).toHaveLength(1);
  });

  it("is repeated if it was over its limit, whatever it does", async () => {
    server.respond = failing(429, "RATE_LIMITED", { "retry-after": "0" });
    expect(await client().plain({})).toEqual({ id: "1" });
  });

  it("is repeated after a connection that was lost", async () => {
    server.respond = (_, response, index) => (index === 0 ? response.destroy() : json(response, 200, { id: "1" }));
    expect(await client().get({ id: "1" })).toEqual({ id: "1" });
    expect(server.received).toHaveLength(2);
  });

  it("is repeated after a response that was cut off", async () => {
    server.respond = (_, response, index) => {
      if (index > 0) return json(response, 200, { id: "1" });
      response.writeHead(200, { "content-length": "100" });
      response.write('{"id"', () => response.destroy());
    };
    expect(await client().get({ id: "1" })).toEqual({ id: "1" });
  });

  it("fails at once if the wait is longer than what is left of its time", async () => {
    server.respond = failing(503, "UNAVAILABLE", { "retry-after": "60" }, 9);
    expect(await failureOf(client().get({ id: "1" }, { timeoutMs: 2_000 }))).toMatchObject({
      status: 503,
      retryAfterMs: 60_000,
    });
  });

  it("fails with the error of the last attempt", async () => {
    server.respond = failing(503, "UNAVAILABLE", { "retry-after": "0" }, 9);
    expect(await failureOf(client({ retries: 2 }).get({ id: "1" }))).toMatchObject({ reason: "UNAVAILABLE" });
    expect(server.received).toHaveLength(3);
  });
});

describe("a refused token", () => {
  it("is renewed once, and the call carries the same bytes and key again", async () => {
    server.respond = ({ headers }, response) =>
      headers.authorization === "Bearer new"
        ? json(response, 201, { id: "1" })
        : json(response, 401, { reason: "TOKEN_EXPIRED" });
    const tokens = { token: () => "old", renew: async () => "new" };
    expect(await client({ tokens }).place({ text: "ß" })).toEqual({ id: "1" });
    const [first, second] = server.received;
    expect([second?.body, second?.headers["idempotency-key"]]).toEqual([
      first?.body,
      first?.headers["idempotency-key"],
    ]);
  });

  it("fails the call if the new one is refused, too", async () => {
    server.respond = failing(401, "TOKEN_INVALID", {}, 9);
    const tokens = { token: () => "old", renew: async () => "new" };
    expect(await failureOf(client({ tokens }).get({ id: "1" }))).toMatchObject({
      reason: "TOKEN_INVALID",
      status: 401,
    });
    expect(server.received).toHaveLength(2);
  });

  it("fails a call whose body is a stream: it is gone", async () => {
    server.respond = failing(401, "TOKEN_EXPIRED");
    const content = ReadableStream.from([new TextEncoder().encode("once")]);
    const tokens = { token: () => "old", renew: async () => "new" };
    expect(await failureOf(client({ tokens }).upload({ content }))).toMatchObject({ reason: "TOKEN_EXPIRED" });
    expect(server.received.map(({ body }) => body)).toEqual(["once"]);
  });
});

describe("a response without a problem document", () => {
  it.each([
    [200, ""],
    [201, ""],
    [204, ""],
  ])("and without a body is a message without fields: %i", async (status, body) => {
    server.respond = (_, response) => response.writeHead(status).end(body);
    expect(await client().get({ id: "1" })).toEqual({});
  });

  it.each([
    [401, ""],
    [404, "<html>"],
    [502, "<html>Bad Gateway</html>"],
  ])("is an error with its status, and the reason UNKNOWN: %i %j", async (status, body) => {
    server.respond = (_, response) => response.writeHead(status, { "content-type": "text/html" }).end(body);
    const error = await failureOf(client({ retries: 0 }).get({ id: "1" }));
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({ status, reason: "UNKNOWN" });
  });

  it("is an error if a success is not JSON", async () => {
    server.respond = (_, response) => response.writeHead(200).end("<html>Please log in to this network</html>");
    expect(await failureOf(client().get({ id: "1" }))).toMatchObject({ status: 200, reason: "UNKNOWN" });
  });
});

describe("the time of a call", () => {
  it("ends it with DEADLINE_EXCEEDED, and is known to the edge", async () => {
    server.respond = () => {};
    expect(await failureOf(client().get({ id: "1" }, { timeoutMs: 200 }))).toMatchObject({
      reason: "DEADLINE_EXCEEDED",
    });
    expect(server.received[0]?.headers["x-request-timeout"]).toMatch(/^\d{1,3}m$/);
  });

  it("ends with the reason of its signal, also between attempts", async () => {
    server.respond = failing(503, "UNAVAILABLE", { "retry-after": "9" }, 9);
    const reason = new Error("left the page");
    const stop = new AbortController();
    const call = failureOf(client().get({ id: "1" }, { signal: stop.signal }));
    await expect.poll(() => server.received.length).toBe(1);
    stop.abort(reason);
    expect(await call).toBe(reason);
  });
});
