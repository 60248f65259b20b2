// Places an order at GATEWAY as a new shopper would, and waits until it is confirmed. Run by `helm test` and by the doctor. What it
// sells is in no list of the shop, and is off sale again at the end, also when it fails or is interrupted.
const { GATEWAY: gateway, STAFF_EMAIL: email, STAFF_PASSWORD: password } = process.env;
const run = Date.now().toString(36);
const sku = "KONTOR-CHECK";
// A shop that is just starting is not complete: an order right after the install waits for it.
const startDeadline = Date.now() + 90_000;
// Undoes what was done, the latest first.
const undo = [];

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => void interrupted(signal));
try {
  await placeOrder();
} finally {
  await cleanUp();
}

async function placeOrder() {
  const staff = await signIn({ email, password });
  await call(staff, "POST", "/api/v1/locations", { id: "KONTOR-CHECK", name: "Kontor check" });
  const restock = { locationId: "KONTOR-CHECK", quantity: 1, reason: "check", reference: `kontor-check-${run}` };
  await call(staff, "POST", `/api/v1/stock/${sku}:restock`, restock);
  const variant = { sku, price: { currency: "EUR", minor: 100 }, weightGrams: 100 };
  const product = { id: sku, title: "Kontor check", description: "Bought by helm test.", categoryId: await category(staff) };
  await call(staff, "POST", "/api/v1/products", { ...product, variants: [variant] }, "PRODUCT_EXISTS");

  const account = { email: `kontor-check-${run}@kontor.example`, password: crypto.randomUUID() };
  await call({}, "POST", "/api/v1/users", { ...account, displayName: "Kontor Check" }, "EMAIL_TAKEN");
  const shopper = await signIn(account);
  const address = { id: `CHECK-${run}`, recipient: "Kontor Check", line1: "Hafenstraße 7", city: "Hamburg" };
  const addresses = `/api/v1/users/${shopper.userId}/addresses`;
  undo.push(() => send(shopper, "DELETE", `${addresses}/${address.id}`));
  await call(shopper, "POST", addresses, { ...address, postalCode: "20457", country: "DE" });

  undo.push(() => send(staff, "POST", `/api/v1/products/${sku}:archive`, {}));
  await call(staff, "POST", `/api/v1/products/${sku}:publish`, { unlisted: true });
  const placed = await call(shopper, "POST", "/api/v1/orders", {
    items: [{ productId: sku, quantity: 1, price: 100 }],
    shippingAddressId: address.id,
    paymentMethod: "card",
    idempotencyKey: crypto.randomUUID(),
  });
  console.log(`Order ${placed.id} is placed.`);
  const cancel = () => send(shopper, "POST", `/api/v1/orders/${placed.id}:cancel`, { reason: "The check was interrupted." });
  undo.push(cancel);
  await confirmed(shopper, placed.id);
  undo.splice(undo.indexOf(cancel), 1);
}

async function confirmed(shopper, id) {
  const good = ["CONFIRMED", "SHIPPED", "COMPLETED"];
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { status: name, reason } = await call(shopper, "GET", `/api/v1/orders/${id}`);
    const status = name.replace("ORDER_STATUS_", "").toUpperCase();
    if (good.includes(status)) return console.log(`Order ${id} is ${status}.`);
    if (status !== "PLACED") throw new Error(`The order became ${status}: ${reason}`);
    if (Date.now() > deadline) throw new Error("The order was not confirmed within a minute.");
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Any category will do, for nothing is listed in it. Only a shop without categories gets one. */
async function category(staff) {
  const { categories = [] } = await call({}, "GET", "/api/v1/categories");
  if (categories.length > 0) return categories[0].id;
  await call(staff, "POST", "/api/v1/categories", { id: "general", name: "General" }, "CATEGORY_EXISTS");
  return "general";
}

async function cleanUp() {
  for (const step of undo.splice(0).reverse()) {
    const { status, result } = await step();
    if (status >= 400) console.error(`Not cleaned up (${status}): ${result.detail}`);
  }
}

async function interrupted(signal) {
  console.error(`Interrupted by ${signal}, cleaning up.`);
  await cleanUp();
  process.exit(130);
}

function signIn(credentials) {
  return call({}, "POST", "/api/v1/sessions", credentials);
}

async function call(session, method, path, body, accepted) {
  for (;;) {
    const { status, result } = await send(session, method, path, body);
    if (status < 400 || (accepted && result.reason === accepted)) return result;
    if (status !== 503 || Date.now() > startDeadline)
      throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(result)}`);
    console.log(`${method} ${path} answered 503: ${result.detail} Trying again.`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function send({ accessToken }, method, path, body) {
  const headers = body ? { "content-type": "application/json" } : {};
  if (accessToken) headers.authorization = `Bearer ${accessToken}`;
  try {
    const request = { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(20_000) };
    const response = await fetch(`${gateway}${path}`, request);
    return { status: response.status, result: await response.json().catch(() => ({})) };
  } catch (error) {
    return { status: 503, result: { detail: String(error.cause ?? error) } };
  }
}
