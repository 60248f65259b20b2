import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import { defineErrors, invalid, violation } from "@kontor/errors";
import { idempotencyErrors } from "@kontor/idempotency";
import { policyErrors } from "@kontor/policy";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

const shopErrors = defineErrors("orders.shop", {
  PRICE_CHANGED: {
    code: "FAILED_PRECONDITION",
    message: (f: { seen: number; real: number }) => `${f.seen} is ${f.real}.`,
  },
  ORDER_NOT_FOUND: { code: "NOT_FOUND", message: "The order does not exist." },
  PAYMENT_NOT_FOUND: { code: "NOT_FOUND", message: "There is no payment." },
});

let shop: Shop;
beforeAll(async () => {
  shop = await startShop({ corsOrigins: ["https://shop.example"] });
});
beforeEach(() => {
  shop.seen.splice(0);
  shop.logged.splice(0);
  shop.script = async () => ({});
});
afterAll(() => shop.stop());

const user = () => ({ Authorization: `Bearer ${shop.token("u1", "orders.read orders.write")}` });
const place = (headers: Record<string, string> = {}) =>
  shop.fetch("/api/v1/orders", {
    method: "POST",
    headers: { ...user(), "Content-Type": "application/json", "Idempotency-Key": "k", ...headers },
    body: JSON.stringify(order),
  });
const order = {
  ...{ items: [{ productId: "P-101", quantity: 2, price: 1200 }], shippingAddressId: "home", paymentMethod: "card" },
};

describe("the language of an error", () => {
  const violations = [
    violation("items[0].quantity", "OUT_OF_RANGE", { min: 1, max: 1_000 }),
    violation("shippingMethod", "NOT_IN", { values: ["standard", "express"] }),
    violation("items[1].productId", "REQUIRED"),
  ];
  const codes = [
    { pointer: "/items/0/quantity", code: "OUT_OF_RANGE", params: { min: 1, max: 1_000 } },
    { pointer: "/shippingMethod", code: "NOT_IN", params: { values: ["standard", "express"] } },
    { pointer: "/items/1/productId", code: "REQUIRED", params: {} },
  ];

  it.each([
    [undefined, "en", "Invalid request", ["Must be 1 to 1,000.", "Must be one of: standard, express.", "Is required."]],
    ["fr", "en", "Invalid request", ["Must be 1 to 1,000.", "Must be one of: standard, express.", "Is required."]],
    [
      "fr, de-AT;q=0.9, en;q=0.8",
      "de",
      "Ungültige Anfrage",
      ["Muss zwischen 1 und 1.000 liegen.", "Muss einer dieser Werte sein: standard, express.", "Ist erforderlich."],
    ],
  ])("is that of Accept-Language: %s", async (accepted, language, title, texts) => {
    shop.script = () => Promise.reject(invalid(violations));
    const answer = await place(accepted === undefined ? {} : { "Accept-Language": accepted });
    expect(answer.headers.get("content-language")).toBe(language);
    expect(answer.headers.get("vary")).toContain("Accept-Language");
    const problem = (await answer.json()) as { detail: string };
    expect(problem).toMatchObject({
      title,
      errors: codes.map((code, index) => ({ ...code, detail: texts[index] })),
    });
    expect(problem).not.toHaveProperty("details");
    expect(problem.detail).toContain(texts[0]);
  });

  it("names a field of the body that cannot be changed at its place in the body", async () => {
    shop.script = () => Promise.reject(invalid([violation("user.email", "NOT_CHANGEABLE", { path: "email" })]));
    const answer = await shop.fetch("/api/v1/users/u1", {
      method: "PATCH",
      headers: { Authorization: `Bearer ${shop.token("u1", "profile.write")}`, "Content-Type": "application/json" },
      body: JSON.stringify({ email: "a@example.com" }),
    });
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: "/email", code: "NOT_CHANGEABLE" }] });
  });

  it("is that of the refusals of the edge, too", async () => {
    const language = { "Accept-Language": "de" };
    const unknown = await shop.fetch("/api/v1/nothing", { headers: language });
    expect(await unknown.json()).toMatchObject({
      title: "Nicht gefunden",
      detail: "Unter diesem Pfad gibt es nichts.",
    });
    const missing = await place({ ...language, "Idempotency-Key": "" });
    expect(await missing.json()).toMatchObject({
      errors: [{ code: "WRONG_KEY", detail: expect.stringMatching(/^Muss 1 bis 255/) }],
    });
    const broken = await shop.fetch("/api/v1/orders", {
      method: "POST",
      headers: { ...user(), ...language, "Content-Type": "application/json", "Idempotency-Key": "k" },
      body: '{"items": 1}',
    });
    expect(await broken.json()).toMatchObject({
      errors: [
        { pointer: "/items", code: "WRONG_TYPE", params: { expected: "array" }, detail: "Muss ein Array sein." },
      ],
    });
  });
});

describe("an error of a service", () => {
  it.each([
    [
      () => shopErrors.PRICE_CHANGED({ seen: 1200, real: 1300 }),
      409,
      { reason: "PRICE_CHANGED", metadata: { seen: "1200", real: "1300" } },
    ],
    [() => idempotencyErrors.IDEMPOTENCY_KEY_REUSED(), 422, { reason: "IDEMPOTENCY_KEY_REUSED" }],
    [() => idempotencyErrors.IDEMPOTENCY_IN_FLIGHT({ retryAfterMs: 1_000 }), 409, { reason: "IDEMPOTENCY_IN_FLIGHT" }],
    [
      () => invalid([{ field: "items[0].quantity", description: "At least 1." }]),
      400,
      { errors: [{ pointer: "/items/0/quantity", detail: "At least 1." }] },
    ],
    [() => new Error("password=hunter2"), 500, { code: "INTERNAL" }],
  ])("is shown as the contract declares it: %#", async (make, status, problem) => {
    shop.script = () => Promise.reject(make());
    const answer = await place();
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject(problem);
    expect(text).not.toContain("hunter2");
  });
});

describe("a key that a service knows", () => {
  it.each([
    ["/api/v1/orders", "orders.write", order],
    ["/api/v1/payments/p1:refund", "payments.write", { amount: { currency: "EUR", minor: 1 } }],
    ["/api/v1/stock/s1:restock", "inventory.write", { locationId: "A", quantity: 1 }],
    ["/api/v1/stock/s1:adjust", "inventory.write", { locationId: "A", delta: 1, reason: "found" }],
  ])("is 422 for another request, and 409 with Retry-After while the first runs: %s", async (path, scope, body) => {
    const headers = {
      ...{ Authorization: `Bearer ${shop.token("u1", scope)}`, "Content-Type": "application/json" },
      "Idempotency-Key": "k",
    };
    const post = () => shop.fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    shop.script = () => Promise.reject(idempotencyErrors.IDEMPOTENCY_KEY_REUSED());
    expect((await post()).status).toBe(422);
    shop.script = () => Promise.reject(idempotencyErrors.IDEMPOTENCY_IN_FLIGHT({ retryAfterMs: 1_000 }));
    const inFlight = await post();
    expect([inFlight.status, inFlight.headers.get("retry-after")]).toEqual([409, "1"]);
  });
});

describe("the details of an order", () => {
  it("come from three services in one call", async () => {
    const id = "0f5c1c4e-5a3b-4d0a-9c53-2c1c7ad0a8f1";
    shop.script = async (rpc) => ({
      ...(rpc === "getOrder" && { order: { id: id } }),
      ...(rpc === "getPaymentByOrder" && { payment: { id: "p1" } }),
      ...(rpc === "getShipmentByOrder" && { shipment: { id: "s1" } }),
      ...(rpc === "listOrderHistory" && { entries: [{}] }),
    });
    const answer = await shop.fetch(`/api/v1/orders/${id}/details`, { headers: user() });
    expect(await answer.json()).toMatchObject({
      order: { id: id },
      payment: { id: "p1" },
      shipment: { id: "s1" },
      history: [{}],
      missing: [],
    });
    expect(shop.seen.map(({ context }) => context.metadata.get("authorization"))).toEqual(
      Array(4).fill(expect.stringMatching(/^Bearer /)),
    );
  });

  it("name the parts that cannot be read, and leave out those that do not exist", async () => {
    shop.script = async (rpc) => {
      if (rpc === "getPaymentByOrder") throw shopErrors.PAYMENT_NOT_FOUND();
      if (rpc === "getShipmentByOrder") throw new Error("broken");
      return { order: { id: "o1" } };
    };
    const answer = await shop.fetch("/api/v1/orders/o1/details", { headers: user() });
    const details = (await answer.json()) as { missing: string[] };
    expect(details.missing).toEqual(["shipment"]);
    expect(details).not.toHaveProperty("payment");
  });

  it("names a part with a time that JSON cannot represent, and shows the rest", async () => {
    const at = { seconds: 327_403_382_400n, nanos: 0 }; // The year 12345.
    shop.script = async (rpc) => {
      if (rpc === "getShipmentByOrder") return { shipment: { orderId: "o1", tracking: [{ at }] } };
      return rpc === "getOrder" ? { order: { orderId: "o1" } } : {};
    };
    const answer = await shop.fetch("/api/v1/orders/o1/details", { headers: user() });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ missing: ["shipment"] });
  });

  it("are the order's error when there is no order", async () => {
    shop.script = () => Promise.reject(shopErrors.ORDER_NOT_FOUND());
    expect((await shop.fetch("/api/v1/orders/o1/details", { headers: user() })).status).toBe(404);
  });
});

describe("the status of an order", () => {
  it("is followed by server-sent events", async () => {
    shop.script = async function* () {
      yield { order: { id: "o1", status: 1 } };
      yield { order: { id: "o1", status: 2 } };
    };
    const answer = await shop.fetch("/api/v1/orders/o1:watch", { headers: { ...user(), Accept: "text/event-stream" } });
    expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const events = (await answer.text()).match(/^data: .*$/gm)?.map((line) => JSON.parse(line.slice(6)).status);
    expect(events).toEqual(["placed", "confirmed"]);
  });
});

describe("a stream of an order", () => {
  const watch = (accept: string, exp: number) =>
    shop.fetch("/api/v1/orders/o1:watch", {
      headers: { Authorization: `Bearer ${shop.token("u1", "orders.read", { exp })}`, Accept: accept },
    });
  const soon = () => Math.ceil(Date.now() / 1000) + 1;

  it.each([
    ["text/event-stream", /"reason":"TOKEN_EXPIRED"[^\n]*\n\n$/],
    ["application/x-ndjson", /\{"error":\{[^\n]*"code":"UNAUTHENTICATED"[^\n]*\n$/],
    ["application/json", /\{"error":\{[^\n]*"reason":"TOKEN_EXPIRED"[^\n]*\}\}$/],
  ])("ends when the token expires, as %s", async (accept, end) => {
    let aborted = false;
    shop.script = async function* (_rpc, _request, { signal }) {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      yield { order: { id: "o1", version: 1 } };
      await once(signal, "abort");
    };
    const exp = soon();
    const answer = await watch(accept, exp);
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toMatch(end);
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
    expect(Date.now()).toBeLessThan(exp * 1000 + 5_000);
    await expect.poll(() => aborted).toBe(true);
  });

  it.each([
    [policyErrors.TOKEN_EXPIRED(), 401, 'Bearer error="invalid_token"'],
    [
      policyErrors.SCOPE_MISSING({ scope: "orders.read" }),
      403,
      'Bearer error="insufficient_scope", scope="orders.read"',
    ],
  ])("that the service refuses by %s has the same challenge", async (error, status, challenge) => {
    shop.script = async function* () {
      yield await Promise.reject(error);
    };
    const answer = await watch("application/x-ndjson", soon() + 600);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("www-authenticate")).toBe(challenge);
  });

  it("that has sent nothing by then is 401", async () => {
    shop.script = async function* (_rpc, _request, { signal }) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    };
    const answer = await watch("application/x-ndjson", soon());
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
  });
});

describe("a limit that two layers enforce", () => {
  const post = (bytes: number) =>
    shop.fetch("/api/v1/webhooks/payments/psp", { method: "POST", body: new Uint8Array(bytes) });
  const limit = 4 * 1024 * 1024;

  it.each([limit - 16, limit - 1, limit])("accepts a body of %i bytes", async (bytes) => {
    expect((await post(bytes)).status).toBe(200);
  });

  it("refuses a larger one by 413", async () => expect((await post(limit + 1)).status).toBe(413));

  it.each(["http2", "grpc-js"] as const)(
    "is 413 where the service takes less than the edge, over %s",
    async (grpcClient) => {
      const wide = await startShop({ bodyLimit: 16 * 1024 * 1024, grpcClient });
      const body = new Uint8Array(9 * 1024 * 1024);
      const answer = await wide.fetch("/api/v1/webhooks/payments/psp", { method: "POST", body });
      expect(answer.status).toBe(413);
      expect(answer.headers.get("retry-after")).toBeNull();
      expect(await answer.json()).toMatchObject({ reason: "BODY_TOO_LARGE" });
      await wide.stop();
    },
  );
});

describe("a webhook", () => {
  it("arrives byte for byte with its signature", async () => {
    const body = '{ "id":1,\n "b": "é" }';
    const answer = await shop.fetch("/api/v1/webhooks/payments/psp", {
      method: "POST",
      body,
      headers: {
        "Content-Type": "application/json",
        "Webhook-Signature": "v1,abc=",
        "Webhook-Id": "w1",
        "Webhook-Timestamp": "1",
      },
    });
    expect(answer.status).toBe(200);
    const call = shop.seen.at(-1);
    const { provider, payload } = (call?.request ?? {}) as unknown as {
      provider: string;
      payload: { data: Uint8Array };
    };
    expect([provider, Buffer.from(payload.data).toString()]).toEqual(["psp", body]);
    expect(call?.context.metadata.get("webhook-signature")).toBe("v1,abc=");
  });
});

describe("metadata", () => {
  it("contains nothing that clients may not send", async () => {
    await shop.fetch("/api/v1/orders/o1", {
      headers: {
        ...user(),
        "Kontor-Caller": "orders",
        "Kontor-Caller-Token": "x",
        "Grpc-Timeout": "1n",
        "Grpc-Foo": "1",
        "X-Forwarded-User": "root",
        Cookie: "a",
      },
    });
    const get = (name: string) => shop.seen[0]?.context.metadata.get(name);
    for (const name of [
      "kontor-caller",
      "kontor-caller-token",
      "kontor-service-token",
      "grpc-foo",
      "x-forwarded-user",
      "cookie",
    ])
      expect(get(name)).toBeUndefined();
  });

  it("continues the trace and the request id, or begins them", async () => {
    const traceparent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
    await shop.fetch("/api/v1/orders/o1", { headers: { ...user(), traceparent, "X-Request-Id": "r-1" } });
    await shop.fetch("/api/v1/orders/o1", { headers: user() });
    const [continued, begun] = shop.seen.map(({ context }) => context.metadata);
    expect(continued?.get("traceparent")).toContain("0123456789abcdef0123456789abcdef");
    expect(continued?.get("x-request-id")).toBe("r-1");
    expect(begun?.get("traceparent")).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
  });
});

describe("the access log", () => {
  it("has one line per request, with the subject and without the token", async () => {
    await shop.fetch("/api/v1/orders/o1", { headers: { ...user(), "X-Request-Id": "r-2" } });
    await expect.poll(() => shop.logged).toHaveLength(1);
    expect(shop.logged[0]).toMatchObject({
      method: "GET",
      route: "/api/v1/orders/{order_id}",
      status: 200,
      requestId: "r-2",
      subject: "u1",
    });
    expect(shop.logged[0]?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.stringify(shop.logged)).not.toContain("eyJ");
  });

  it("goes with a metric for each route", async () => {
    await shop.fetch("/api/v1/orders/o1", { headers: user() });
    const metrics = await (await fetch(`http://127.0.0.1:${shop.metricsPort}/metrics`)).text();
    expect(metrics).toContain(
      'kontor_http_server_requests_total{route="/api/v1/orders/{order_id}",method="GET",status="200"}',
    );
  });
});

describe("CORS", () => {
  it("admits pages of a known origin, and no others", async () => {
    const preflight = (origin: string) =>
      shop.fetch("/api/v1/orders", {
        method: "OPTIONS",
        headers: { Origin: origin, "Access-Control-Request-Method": "POST" },
      });
    const known = await preflight("https://shop.example");
    expect(known.status).toBe(204);
    expect(known.headers.get("access-control-allow-origin")).toBe("https://shop.example");
    expect(known.headers.get("access-control-allow-headers")).toContain("Idempotency-Key");
    expect((await preflight("https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
    const answer = await shop.fetch("/nowhere", { headers: { Origin: "https://shop.example" } });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://shop.example");
  });
});

describe("a path that no contract declares", () => {
  it.each(["/healthz", "/readyz", "/docs/errors/", "/docs/errors/out-of-stock"])(
    "%s takes GET, HEAD and OPTIONS and refuses other methods by 405",
    async (path) => {
      const send = (method: string) => shop.fetch(path, { method, headers: { "Content-Type": "text/plain" } });
      expect((await send("GET")).status).toBe(200);
      expect((await send("HEAD")).status).toBe(200);
      const options = await send("OPTIONS");
      expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        const refused = await send(method);
        expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
        expect(await refused.json()).toMatchObject({ reason: "METHOD_NOT_ALLOWED" });
      }
    },
  );
});

describe("bytes that are no request", () => {
  it.each([
    [431, "HEADERS_TOO_LARGE", `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(40_000)}\r\n\r\n`],
    [414, "URL_TOO_LONG", `GET /${"x".repeat(40_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    [400, "BAD_REQUEST", "HELLO\r\n\r\n"],
    [414, "URL_TOO_LONG", `GET /${"x".repeat(10_000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`],
    [400, "BAD_URL", "GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"],
    [400, "INVALID_HEADER", "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"],
    [
      400,
      "BAD_REQUEST",
      "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
  ])("are %i %s with a problem that has a page", async (status, reason, bytes) => {
    const { head, problem } = await refusalOf(bytes);
    expect(head).toMatch(new RegExp(`^http/1.1 ${status} `));
    expect(head).toContain("x-content-type-options: nosniff");
    expect(head).toContain("application/problem+json");
    expect(head).toContain("cache-control: no-store");
    expect(problem).toMatchObject({ status, reason, instance: expect.stringMatching(/^urn:request:/) });
    expect((await shop.fetch(problem.type)).status).toBe(200);
  });

  it("are refused in the language that was received before the fault", async () => {
    const { problem } = await refusalOf(
      `GET / HTTP/1.1\r\nHost: x\r\nAccept-Language: de-AT, en;q=0.5\r\nX-Long: ${"x".repeat(40_000)}\r\n\r\n`,
    );
    expect(problem).toMatchObject({
      title: "Kopfzeilen zu groß",
      detail: "Die Kopfzeilen haben mehr als 32768 Bytes.",
    });
  });

  async function refusalOf(bytes: string) {
    const socket = connect(Number(new URL(shop.url).port), "127.0.0.1");
    socket.write(bytes);
    const [head = "", body = ""] = (await readText(socket)).split("\r\n\r\n");
    return { head: head.toLowerCase(), problem: JSON.parse(body) };
  }
});

describe("an upstream", () => {
  let nonsense: Server;
  beforeAll(async () => {
    nonsense = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((resolve) => nonsense.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => nonsense.close());

  it("that is unreachable is 503, and is not named in the response", async () => {
    const broken = await startShop({ upstreams: JSON.stringify({ "*": "127.0.0.1:1" }) });
    const answer = await broken.fetch("/api/v1/products");
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain("127.0.0.1");
    await broken.stop();
  });

  it("that sends an invalid response is 502 or 503", async () => {
    const { port } = nonsense.address() as AddressInfo;
    const broken = await startShop({ upstreams: JSON.stringify({ "*": `127.0.0.1:${port}` }) });
    const answer = await broken.fetch("/api/v1/products", { headers: { "X-Request-Timeout": "5S" } });
    expect([502, 503]).toContain(answer.status);
    await broken.stop();
  });
});
