// Places an order at GATEWAY as a new shopper would, and waits until it is confirmed. Run by `helm test`.
const { GATEWAY: gateway, STAFF_EMAIL: email, STAFF_PASSWORD: password } = process.env;
const run = Date.now().toString(36);
const sku = "HELM-TEST";
// A shop that is just starting is not all there: who asks right after the install waits for it.
const patience = Date.now() + 90_000;

const staff = await signIn({ email, password });
await call(staff, "POST", "/api/v1/locations", { id: "HELM-TEST", name: "Helm test" });
await call(staff, "POST", "/api/v1/categories", { id: "helm-test", name: "Helm test" }, "CATEGORY_EXISTS");
const restock = { locationId: "HELM-TEST", quantity: 1, reason: "helm test", reference: `helm-test-${run}` };
await call(staff, "POST", `/api/v1/stock/${sku}:restock`, restock);
const variant = { sku, price: { currency: "EUR", minor: 100 }, weightGrams: 100 };
const product = { id: sku, title: "Helm test", description: "Bought by helm test.", categoryId: "helm-test" };
await call(staff, "POST", "/api/v1/products", { ...product, variants: [variant] }, "PRODUCT_EXISTS");
await call(staff, "POST", `/api/v1/products/${sku}:publish`, {});

const account = { email: `helm-test-${run}@kontor.example`, password: crypto.randomUUID() };
await call({}, "POST", "/api/v1/users", { ...account, displayName: "Helm Test" }, "EMAIL_TAKEN");
const shopper = await signIn(account);
const address = { id: `HELM-${run}`, recipient: "Helm Test", line1: "Hafenstraße 7", city: "Hamburg" };
await call(shopper, "POST", `/api/v1/users/${shopper.userId}/addresses`, {
  ...address,
  postalCode: "20457",
  country: "DE",
});
const placed = await call(shopper, "POST", "/api/v1/orders", {
  items: [{ productId: sku, quantity: 1, price: 100 }],
  shippingAddressId: address.id,
  paymentMethod: "card",
  idempotencyKey: crypto.randomUUID(),
});
console.log(`Order ${placed.id} is placed.`);

const good = ["ORDER_STATUS_CONFIRMED", "ORDER_STATUS_SHIPPED", "ORDER_STATUS_COMPLETED"];
const deadline = Date.now() + 60_000;
for (;;) {
  const { status, reason } = await call(shopper, "GET", `/api/v1/orders/${placed.id}`);
  if (good.includes(status)) {
    console.log(`Order ${placed.id} is ${status}.`);
    break;
  }
  if (status !== "ORDER_STATUS_PLACED") throw new Error(`The order became ${status}: ${reason}`);
  if (Date.now() > deadline) throw new Error("The order was not confirmed within a minute.");
  await new Promise((resolve) => setTimeout(resolve, 250));
}

function signIn(credentials) {
  return call({}, "POST", "/api/v1/sessions", credentials);
}

async function call({ accessToken }, method, path, body, accepted) {
  const headers = { "content-type": "application/json" };
  if (accessToken) headers.authorization = `Bearer ${accessToken}`;
  for (;;) {
    const { status, result } = await send(path, { method, headers, body: body && JSON.stringify(body) });
    if (status < 400 || (accepted && result.reason === accepted)) return result;
    if (status !== 503 || Date.now() > patience)
      throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(result)}`);
    console.log(`${method} ${path} answered 503: ${result.detail} Trying again.`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function send(path, request) {
  try {
    const answer = await fetch(`${gateway}${path}`, { ...request, signal: AbortSignal.timeout(20_000) });
    return { status: answer.status, result: await answer.json().catch(() => ({})) };
  } catch (error) {
    return { status: 503, result: { detail: String(error.cause ?? error) } };
  }
}
