// Runs in a pod, as a customer of GATEWAY: RATE requests a second, none repeated, until SIGTERM or MAX_SECONDS. Then waits
// until every order is confirmed, and prints its counts.
import http from "node:http";
import { setTimeout as delay } from "node:timers/promises";

const { GATEWAY, STAFF_EMAIL, STAFF_PASSWORD } = process.env;
const rate = Number(process.env.RATE);
const until = Date.now() + Number(process.env.MAX_SECONDS) * 1_000;
const run = Date.now().toString(36);
const sku = "E2E";

// Connections are reused as clients do, but not forever, so that new pods get some.
const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
let used = 0;
let stopped = false;
process.on("SIGTERM", () => {
  stopped = true;
});

const shopper = await insist("the shop is set up", setUp);
await insist("the first order is confirmed", async () => confirmed(await place(), 60_000));
console.log("FIRST_ORDER");

const counted = { byKind: {}, latencies: [], failures: [], orders: [], unconfirmed: [] };
const open = new Set();
const started = Date.now();
const kinds = ["list", "order", "read", "list", "status"];
for (let n = 0; !stopped && Date.now() < until; n += 1) {
  const wait = started + (n * 1_000) / rate - Date.now();
  if (wait > 0) await delay(wait);
  const one = send(kinds[n % kinds.length]).finally(() => open.delete(one));
  open.add(one);
  if (n % (rate * 10) === 0) console.log(`${n} sent, ${counted.failures.length} failed, ${open.size} open`);
}
await Promise.all(open);
const lasted = (Date.now() - started) / 1_000;
let good = 0;
for (const id of counted.orders)
  good += await confirmed(id, 60_000).catch((error) => {
    counted.unconfirmed.push(error.message);
    return 0;
  });
console.log(`REPORT ${JSON.stringify(report())}`);

async function send(kind) {
  counted.byKind[kind] ??= { sent: 0, failed: 0 };
  const tally = counted.byKind[kind];
  tally.sent += 1;
  const start = performance.now();
  try {
    if (kind === "order") counted.orders.push(await place());
    else if (kind === "status" && counted.orders.length > 0)
      await call(shopper, "GET", `/api/v1/orders/${counted.orders.at(-1)}`);
    else if (kind === "read") await call({}, "GET", `/api/v1/products/${sku}`);
    else await call({}, "GET", "/api/v1/products?pageSize=5");
  } catch (error) {
    tally.failed += 1;
    counted.failures.push(`${new Date().toISOString()} ${kind}: ${error.message}`);
  }
  counted.latencies.push(performance.now() - start);
}

function report() {
  const { byKind, latencies, failures, orders, unconfirmed } = counted;
  const sorted = latencies.sort((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  const figures = { seconds: Math.round(lasted), sent: sorted.length, failed: failures.length, byKind };
  return {
    ...figures,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    orders: orders.length,
    confirmed: good,
    failures: failures.slice(0, 20),
    unconfirmed: unconfirmed.slice(0, 20),
  };
}

async function place() {
  const order = {
    items: [{ productId: sku, quantity: 1, price: 100 }],
    shippingAddressId: `E2E-${run}`,
    paymentMethod: "card",
    idempotencyKey: crypto.randomUUID(),
  };
  return (await call(shopper, "POST", "/api/v1/orders", order)).id;
}

/** 1 once the order is confirmed. Failed queries are repeated: only orders count here. */
async function confirmed(id, withinMs) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const { status, reason } = await call(shopper, "GET", `/api/v1/orders/${id}`).catch(() => ({}));
    if (/confirmed|shipped|completed/i.test(status)) return 1;
    if (/rejected|cancelled/i.test(status)) throw new Error(`Order ${id} became ${status}: ${reason}`);
    if (Date.now() > deadline) throw new Error(`Order ${id} is still ${status}.`);
    await delay(100);
  }
}

async function setUp() {
  const staff = await call({}, "POST", "/api/v1/sessions", { email: STAFF_EMAIL, password: STAFF_PASSWORD });
  await call(staff, "POST", "/api/v1/locations", { id: "E2E", name: "E2E" });
  await call(staff, "POST", "/api/v1/categories", { id: "e2e", name: "E2E" }, "CATEGORY_EXISTS");
  const restock = { locationId: "E2E", quantity: 100_000, reason: "e2e", reference: `e2e-${run}` };
  await call(staff, "POST", `/api/v1/stock/${sku}:restock`, restock);
  const variants = [{ sku, price: { currency: "EUR", minor: 100 }, weightGrams: 100 }];
  const product = { id: sku, title: "E2E", description: "Bought under load.", categoryId: "e2e", variants };
  await call(staff, "POST", "/api/v1/products", product, "PRODUCT_EXISTS");
  await call(staff, "POST", `/api/v1/products/${sku}:publish`, {});
  const account = { email: `e2e-${run}@kontor.example`, password: `pass-${run}-phrase` };
  await call({}, "POST", "/api/v1/users", { ...account, displayName: "E2E" }, "EMAIL_TAKEN");
  const session = await call({}, "POST", "/api/v1/sessions", account);
  const street = { recipient: "E2E", line1: "Hafenstraße 7", city: "Hamburg", postalCode: "20457", country: "DE" };
  await call(
    session,
    "POST",
    `/api/v1/users/${session.userId}/addresses`,
    { id: `E2E-${run}`, ...street },
    "ADDRESS_EXISTS",
  );
  return session;
}

/** Before the count begins, while the shop still starts. */
async function insist(what, work) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > until) throw new Error(`Not in time: ${what}`, { cause: error });
      console.log(`not yet: ${error.message}`);
      await delay(250);
    }
  }
}

async function call({ accessToken }, method, path, body, accepted) {
  const { status, text } = await exchange(method, path, body, accessToken);
  const result = parse(text);
  if (status < 300 || result.reason === accepted) return result;
  throw new Error(`${method} ${path} answered ${status} ${result.reason ?? text.slice(0, 100)}`);
}

function exchange(method, path, body, token) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  used += 1;
  if (used % 10 === 0) headers.connection = "close";
  return new Promise((resolve, reject) => {
    const request = http.request(`${GATEWAY}${path}`, { method, headers, agent, timeout: 20_000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      answer.on("end", () => resolve({ status: answer.statusCode, text })).on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error("no response within 20 s")));
    request.on("error", (error) =>
      reject(
        new Error(
          `${method} ${path}: ${error.code ?? ""} ${error.message} ${request.reusedSocket ? "on a connection used before" : ""}`,
        ),
      ),
    );
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
