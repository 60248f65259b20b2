import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { secrets, shopClient } from "@kontor/launcher";
import { type ServiceName, serviceNames } from "@kontor/shop";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { cartCalls } from "./journeys/guest-shop.ts";
import { type Scrape, scrape } from "./scrape.ts";
import { type Shop, type Shopper, startShop } from "./shop.ts";
import { type Collected, startTraceCollector, type TraceCollector } from "./trace-collector.ts";

const observed = [...serviceNames, "gateway"] as const;

let traces: TraceCollector;
let shop: Shop;
let shopper: Shopper;
let orderId: string;
let refusedId: string;
let sessionTokens: string[];
let guestCartId: string;

beforeAll(async () => {
  traces = await startTraceCollector();
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: traces.url, OTEL_BSP_SCHEDULE_DELAY: "100", LOG_LEVEL: "debug" };
  const env = Object.fromEntries(observed.map((name) => [name, settings]));
  shop = await startShop({ ...env, "carrier-simulator": { STEP_MS: "200", PICKUP_MS: "200" } });
  shopper = await shop.shopper();
  sessionTokens = await signInAndRefresh();
  const product = await shop.product(10);
  guestCartId = await fillCart(product);
  const refused = await shopper.place(product, { items: [{ productId: product, quantity: 1, price: 1 }] });
  expect(refused.status).toBe(409);
  refusedId = refused.headers.get("x-request-id") ?? "";
  const placed = await shopper.place(product);
  orderId = placed.body.id;
  await shopper.until(orderId, "completed");
  await eventually(async () => expect(await shop.mails(shopper.email)).toHaveLength(2));
}, 120_000);
afterAll(async () => {
  await shop?.stopAll();
  traces?.close();
}, 60_000);

describe("the trace of an order", () => {
  let spans: readonly Collected[];
  const find = (service: string, kind: string, name: string) =>
    spans.find((span) => span.service === service && span.kind === kind && span.name === name);
  const pathOf = (service: string, kind: string, name: string) => {
    const span = find(service, kind, name);
    expect(span, `${service} ${kind} ${name}`).toBeDefined();
    return span ? traces.path(span) : [];
  };

  beforeAll(async () => {
    await eventually(() => {
      const root = traces
        .all()
        .find(
          ({ name, attributes }) => name === "POST /api/v1/orders" && attributes["http.response.status_code"] === 201,
        );
      spans = traces.all().filter(({ traceId }) => traceId === root?.traceId);
      expect(find("notifications", "client", "notifications.queue")).toBeDefined();
      expect(find("shipping", "producer", "send shop.shipping.v1.ShipmentBooked")).toBeDefined();
    });
  });

  const placeOrder = [
    "gateway server POST /api/v1/orders",
    "gateway client shop.orders.v1.OrdersService/PlaceOrder",
    "orders server shop.orders.v1.OrdersService/PlaceOrder",
  ];

  it("has one root, and no span without its parent", () => {
    const ids = new Set(spans.map(({ id }) => id));
    const roots = spans.filter(({ parent }) => parent === undefined || !ids.has(parent));
    expect(roots.map(({ service, kind, name }) => `${service} ${kind} ${name}`)).toEqual([placeOrder[0]]);
  });

  it("leads from the edge over gRPC into the database", () => {
    expect(pathOf("orders", "client", "orders.insert")).toEqual([
      ...placeOrder,
      "orders client orders.insert", // Concurrent orders share its transaction.
    ]);
    expect(pathOf("catalog", "client", "quotes.quote").slice(0, 5)).toEqual([
      ...placeOrder,
      "orders client shop.catalog.v1.CatalogService/QuoteItems",
      "catalog server shop.catalog.v1.CatalogService/QuoteItems",
    ]);
  });

  it.each([
    ["reserve-stock", "inventory", "shop.inventory.v1.InventoryService/ReserveStock"],
    ["authorise-payment", "payments", "shop.payments.v1.PaymentsService/AuthorisePayment"],
    ["commit-stock", "inventory", "shop.inventory.v1.InventoryService/CommitReservation"],
    ["capture-payment", "payments", "shop.payments.v1.PaymentsService/CapturePayment"],
    ["dispatch", "shipping", "shop.shipping.v1.ShippingService/DispatchShipment"],
  ])("leads through the saga's step %s into the database of %s", (step, service, rpc) => {
    const way = [
      ...placeOrder,
      `orders internal saga orders.checkout.v1 run ${step}`,
      `orders client ${rpc}`,
      `${service} server ${rpc}`,
    ];
    expect(pathOf(service, "server", rpc)).toEqual(expect.arrayContaining(way));
    const called = find(service, "server", rpc);
    const below = spans.filter((span) => span.service === service && traces.isBelow(span, called));
    expect(below.map(({ attributes }) => attributes["db.system.name"])).toContain("postgresql");
  });

  it("leads through the relay and the stream into the consumer's database", () => {
    const event = "shop.orders.v1.OrderConfirmed";
    const path = pathOf("notifications", "client", "notifications.queue");
    expect(path.slice(0, 3)).toEqual(placeOrder);
    expect(path.slice(-3)).toEqual([
      `orders producer send ${event}`,
      `notifications consumer process ${event}`,
      "notifications client notifications.queue",
    ]);
  });

  it("describes its spans as the semantic conventions do", () => {
    expect(find("gateway", "server", "POST /api/v1/orders")?.attributes).toMatchObject({
      "http.request.method": "POST",
      "http.route": "/api/v1/orders",
      "http.response.status_code": 201,
    });
    expect(find("orders", "server", "shop.orders.v1.OrdersService/PlaceOrder")?.attributes).toEqual({
      "rpc.system": "grpc",
      "rpc.service": "shop.orders.v1.OrdersService",
      "rpc.method": "PlaceOrder",
      "rpc.grpc.status_code": 0,
    });
    expect(find("orders", "client", "orders.insert")?.attributes).toEqual({
      "db.system.name": "postgresql",
      "db.operation.name": "WITH",
      "db.query.text": expect.stringContaining("INSERT INTO orders"),
    });
    expect(find("orders", "producer", "send shop.orders.v1.OrderConfirmed")?.attributes).toMatchObject({
      "messaging.system": "nats",
      "messaging.operation.type": "send",
      "messaging.destination.name": "shop.orders.v1.OrderConfirmed",
    });
  });

  it("contains the reason of a refused order, on both sides of the call", () => {
    const name = "shop.orders.v1.OrdersService/PlaceOrder";
    const failed = traces.all().filter((span) => span.name === name && span.failed);
    expect(failed.map(({ service, kind }) => `${service} ${kind}`).sort()).toEqual(["gateway client", "orders server"]);
    for (const { attributes } of failed) expect(attributes).toMatchObject({ "rpc.grpc.status_code": 9 });
    expect(failed.map(({ attributes }) => attributes["error.type"])).toContain("PRICE_CHANGED");
  });

  it("contains no secret", () => {
    for (const secret of canaries()) expect(traces.bodies.some((body) => body.includes(secret))).toBe(false);
  });
});

describe("the observed work of services", () => {
  const declared = parse(
    readFileSync(new URL("../../../charts/kontor/files/call-graph.yaml", import.meta.url), "utf8"),
  );
  /** `caller → callee` of each span of a kind that another process began. */
  const seen = (kind: string) => {
    const all = traces.all();
    const byId = new Map(all.map((span) => [span.id, span]));
    const pairs = all
      .filter((span) => span.kind === kind)
      .map((span) => [byId.get(span.parent ?? "")?.service, span.service])
      .filter(([from]) => from !== undefined);
    return new Set(pairs.map(([from, to]) => `${from} → ${to}`));
  };

  it("by gRPC is in the declared graph of calls, and of it all that an order needs", () => {
    const calls: Record<string, string[]> = declared.calls;
    const edges = Object.entries(calls).flatMap(([from, callees]) => callees.map((to) => `${from} → ${to}`));
    expect(edges).toEqual(expect.arrayContaining([...seen("server")]));
    // An order without a cart has the prices of the catalog.
    const ofAnOrder = edges.filter((edge) => edge.startsWith("orders → ") && edge !== "orders → pricing");
    expect([...seen("server")]).toEqual(expect.arrayContaining(["gateway → orders", "gateway → users", ...ofAnOrder]));
  });

  it("by events is in it, too", () => {
    const consumers: { from: string; to: string }[] = declared.consumers;
    expect(consumers.map(({ from, to }) => `${from} → ${to}`)).toEqual(expect.arrayContaining([...seen("consumer")]));
    const ofAnOrder = ["payments → orders", "shipping → orders", "orders → notifications", "users → notifications"];
    expect([...seen("consumer")]).toEqual(expect.arrayContaining(ofAnOrder));
  });
});

describe("the metrics", () => {
  const scrapes = {} as Record<(typeof observed)[number], Scrape>;
  beforeAll(async () => {
    for (const name of observed) scrapes[name] = await scrape(shop.ports[`${name}Metrics`]);
  });

  it("of the gateway have rate, errors and duration of every route", () => {
    const { sample } = scrapes.gateway;
    const route = { route: "/api/v1/orders", method: "POST" };
    expect(sample("kontor_http_server_requests_total", { ...route, status: "201" })).toBe(1);
    expect(sample("kontor_http_server_requests_total", { ...route, status: "409" })).toBe(1);
    expect(sample("kontor_http_server_duration_seconds_count", route)).toBe(2);
  });

  it.each([
    ["gateway", "client"],
    ["orders", "server"],
  ] as const)("of %s have rate, errors and duration of every RPC, as its %s", (name, side) => {
    const { sample } = scrapes[name];
    const rpc = { service: "shop.orders.v1.OrdersService", method: "PlaceOrder" };
    expect(sample(`kontor_rpc_${side}_requests_total`, { ...rpc, code: "OK" })).toBe(1);
    expect(sample(`kontor_rpc_${side}_requests_total`, { ...rpc, code: "FAILED_PRECONDITION" })).toBe(1);
    expect(sample(`kontor_rpc_${side}_duration_seconds_count`, rpc)).toBe(2);
  });

  it("of notifications have rate, errors and duration of every consumer", () => {
    const { sample } = scrapes.notifications;
    const type = "shop.orders.v1.OrderConfirmed";
    const consumer = "notifications-orders";
    expect(sample("kontor_consumer_messages_total", { consumer, type, result: "processed" })).toBe(1);
    expect(sample("kontor_consumer_duration_seconds_count", { consumer })).toBeGreaterThan(0);
    expect(sample("kontor_consumer_lag_seconds_count", { consumer })).toBeGreaterThan(0);
    expect(sample("kontor_consumer_pending", { consumer })).toBeGreaterThanOrEqual(0);
  });

  it("of orders show its sagas by phase, those that are parked, and how its steps went", () => {
    const { sample } = scrapes.orders;
    const saga = "orders.checkout.v1";
    for (const phase of ["running", "compensating", "parked"])
      expect(sample("kontor_sagas", { saga, phase })).toBeDefined();
    expect(sample("kontor_sagas_parked", { saga })).toBe(0);
    expect(sample("kontor_sagas_ended_total", { saga, phase: "completed" })).toBe(1);
    expect(sample("kontor_saga_oldest_seconds", { saga })).toBeGreaterThanOrEqual(0);
    expect(sample("kontor_saga_overdue_seconds", { saga })).toBe(0);
    const step = { saga, step: "capture-payment", action: "run", outcome: "next" };
    expect(sample("kontor_saga_step_duration_seconds_count", step)).toBe(1);
  });

  it("of orders show their outcomes, and the time to their confirmation", () => {
    const { sample } = scrapes.orders;
    for (const event of ["placed", "confirmed", "shipped", "completed"])
      expect(sample("kontor_orders_events_total", { event })).toBe(1);
    expect(sample("kontor_orders_settled_seconds_count", { outcome: "confirmed" })).toBe(1);
    expect(sample("kontor_orders_confirmed_minor_units_total", { currency: "EUR" })).toBeGreaterThan(1200);
  });

  it.each(serviceNames)("of %s show its outbox, its dead letters and its pool", (name: ServiceName) => {
    const { sample } = scrapes[name];
    expect(sample("kontor_outbox_depth", { service: name })).toBeGreaterThanOrEqual(0);
    expect(sample("kontor_outbox_age_seconds", { service: name })).toBeGreaterThanOrEqual(0);
    expect(sample("kontor_dead_letters", { service: name })).toBe(0);
    expect(sample("kontor_postgres_pool_connections", { service: name, state: "waiting" })).toBe(0);
  });

  it.each(observed)("of %s show its event loop and are named by the rules", (name) => {
    const { families, sample } = scrapes[name];
    expect(sample("nodejs_eventloop_lag_seconds", { quantile: "0.99" })).toBeGreaterThan(0);
    for (const { name: metric, type, help } of families) {
      expect(metric).toMatch(/^(kontor|process|nodejs)_[a-z_]+$/);
      expect(metric, "milliseconds are not a base unit").not.toMatch(/_(ms|millis|minutes|kb|mb)(_|$)/);
      expect(metric.endsWith("_total"), `${metric} is a ${type}`).toBe(type === "counter");
      if (type === "histogram") expect(metric).toMatch(/_seconds$/);
      expect(help).toMatch(/\.$/);
    }
  });

  it.each(observed)("of %s have no label whose values are without bound", (name) => {
    const values = scrapes[name].samples.flatMap(({ labels }) => Object.values(labels));
    for (const value of values) expect(value).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}|@|T-[0-9a-f]{8}/);
  });
});

describe("the logs", () => {
  it("of gateway, orders and payments contain an order under one trace id", () => {
    const placed = linesOf("gateway").find(({ route, status }) => route === "/api/v1/orders" && status === 201);
    expect(placed).toMatchObject({ level: "info", method: "POST", subject: shopper.userId });
    const inTrace = (name: string, rpc: string) =>
      linesOf(name).find((line) => line.traceId === placed?.traceId && line.rpc === rpc);
    expect(inTrace("orders", "shop.orders.v1.OrdersService/PlaceOrder")).toMatchObject({
      code: "OK",
      requestId: placed?.requestId,
    });
    expect(inTrace("payments", "shop.payments.v1.PaymentsService/AuthorisePayment")).toMatchObject({
      code: "OK",
      caller: "orders",
    });
  });

  it("name the refused request, like its response", () => {
    const line = linesOf("orders").find(({ requestId, code }) => requestId === refusedId && code !== undefined);
    expect(line).toMatchObject({ code: "FAILED_PRECONDITION" });
  });

  it.each(observed)("of %s are JSON with level, time and service in each line", (name) => {
    for (const line of linesOf(name))
      expect(line).toMatchObject({ level: expect.any(String), time: expect.any(String), service: name });
  });

  it("contain no token, no password, no signing secret and no mail", async () => {
    const logs = join(shop.dataDir, "logs");
    const text = readdirSync(logs).map((file) => readFileSync(join(logs, file), "utf8"));
    expect(linesOf("gateway").map(({ route }) => route)).toContain("/api/v1/webhooks/payments/{provider}");
    for (const secret of [...canaries(), ...(await mailLines())])
      expect(
        text.some((log) => log.includes(secret)),
        secret,
      ).toBe(false);
  });
});

/** The secrets that must appear nowhere: of this installation, and of the shopper. */
function canaries(): string[] {
  const { databases, runRoles, nats, ...others } = secrets(shop.dataDir);
  const all = [databases, runRoles, nats, others].flatMap((some) => Object.values(some)).concat(sessionTokens);
  return [...all, guestCartId, shopper.accessToken, shopper.password];
}

/** Returns the id of a guest's cart, which is the credential of the cart. */
async function fillCart(product: string): Promise<string> {
  const guest = cartCalls(shop.gateway);
  const { id } = (await guest.create()).body;
  expect((await guest.add(id, product)).status).toBe(200);
  return id;
}

async function signInAndRefresh(): Promise<string[]> {
  const { users } = shopClient(shop.gateway);
  const { email, password } = shopper;
  const first = await users.login({ email, password });
  const second = await users.refreshSession({ refreshToken: first.refreshToken });
  return [first, second].flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken]);
}

/** The sentences of the mails that the shopper got. */
async function mailLines(): Promise<string[]> {
  const api = `http://127.0.0.1:${shop.ports.mailPage}/api/mails`;
  const { mails } = (await (await fetch(`${api}?to=${shopper.email}`)).json()) as { mails: { id: string }[] };
  const bodies = await Promise.all(mails.map(async ({ id }) => (await fetch(`${api}/${id}`)).json()));
  const lines = (bodies as { text: string }[]).flatMap(({ text }) => text.split("\n"));
  const sentences = lines.map((line) => line.trim()).filter((line) => line.length > 30);
  expect(sentences).not.toEqual([]);
  return sentences;
}

function linesOf(name: string): Record<string, unknown>[] {
  const text = readFileSync(join(shop.dataDir, "logs", `${name}.log`), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}
