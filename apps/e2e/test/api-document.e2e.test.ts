import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

type Media = { readonly schema: object };
type Operation = { readonly responses: Record<string, { readonly content?: Record<string, Media> }> };
type Document = { readonly paths: Record<string, Record<string, Operation>> };

let shop: Shop;
let document: Document;
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
beforeAll(async () => {
  shop = await startShop();
  document = (await (await fetch(`${shop.gateway}/openapi.json`)).json()) as Document;
  ajv.addSchema(document, "document");
}, 120_000);
afterAll(() => shop?.stopAll(), 60_000);

/** Returns the parts of a response that the document does not describe, as pointers and messages. */
function differences(method: string, template: string, status: number, type: string, body: unknown): unknown[] {
  const operation = document.paths[template]?.[method.toLowerCase()];
  const schema = operation?.responses[String(status)]?.content?.[type]?.schema;
  if (schema === undefined) return [`${method} ${template}: ${status} ${type} is not described`];
  const steps = ["paths", template, method.toLowerCase(), "responses", String(status), "content", type, "schema"];
  const pointer = steps.map((step) => encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
  const validate = ajv.compile({ $ref: `document#/${pointer}` });
  validate(body);
  return (validate.errors ?? []).map(({ instancePath, message }) => [method, template, instancePath, message]);
}

describe("responses of the shop", () => {
  it("are as /openapi.json describes them", async () => {
    const id = await shop.product(3);
    const shopper = await shop.shopper();
    const placed = await shopper.place(id);
    expect(placed.status, placed.text).toBe(201);
    const order = placed.body;
    await expect
      .poll(async () => (await shopper.order(order.id)).status, { timeout: 30_000 })
      .toMatch(/confirmed|shipped|completed/);

    const found: unknown[] = differences("POST", "/api/v1/orders", 201, "application/json", order);
    const calls: readonly (readonly [template: string, path: string, status: number])[] = [
      ["/api/v1/orders/{order_id}", `/api/v1/orders/${order.id}`, 200],
      ["/api/v1/orders/{order_id}/details", `/api/v1/orders/${order.id}/details`, 200],
      ["/api/v1/orders/{order_id}/history", `/api/v1/orders/${order.id}/history`, 200],
      ["/api/v1/orders/{order_id}/payment", `/api/v1/orders/${order.id}/payment`, 200],
      ["/api/v1/orders/{order_id}", "/api/v1/orders/none", 404],
      ["/api/v1/orders", "/api/v1/orders", 200],
      ["/api/v1/orders", "/api/v1/orders?pageSize=-1", 400],
      ["/api/v1/payments", "/api/v1/payments", 200],
      ["/api/v1/shipments", "/api/v1/shipments", 200],
      ["/api/v1/notifications", "/api/v1/notifications", 200],
      ["/api/v1/users", "/api/v1/users", 200],
      ["/api/v1/products", "/api/v1/products", 200],
      ["/api/v1/products/{product_id}/page", `/api/v1/products/${id}/page`, 200],
      ["/api/v1/products:search", `/api/v1/products:search?q=${id}`, 200],
      ["/api/v1/staff/products", "/api/v1/staff/products", 200],
      ["/api/v1/categories", "/api/v1/categories", 200],
      ["/api/v1/locations", "/api/v1/locations", 200],
      ["/api/v1/stock/{sku}", `/api/v1/stock/${id}`, 200],
      ["/api/v1/stock/{sku}/movements", `/api/v1/stock/${id}/movements`, 200],
    ];
    for (const [template, path, status] of calls) {
      const response = await shop.staff.send("GET", path);
      expect([path, response.status], response.text).toEqual([path, status]);
      const type = status < 300 ? "application/json" : "application/problem+json";
      found.push(...differences("GET", template, status, type, JSON.parse(response.text)));
    }
    expect(found).toEqual([]);
  }, 90_000);
});
