import { typeScriptOf } from "@kontor/api-page/typescript-call.js";
import { expect, it } from "vitest";

const responses = { "200": {} };
const stream = { "200": { content: { "text/event-stream": {} } } };
const query = (name: string, schema: object) => ({ in: "query", name, schema });
const document = {
  paths: {
    "/orders/{order_id}": {
      get: { responses, "x-client": { call: "orders.getOrder", http: "GET /orders/{orderId}" } },
      post: { responses: {} },
    },
    "/orders/{order_id}:cancel": {
      post: { responses, "x-client": { call: "orders.cancelOrder", http: "POST /orders/{orderId}:cancel", body: "*" } },
    },
    "/orders/{order_id}:watch": {
      get: { responses: stream, "x-client": { call: "orders.watchOrder", http: "GET /orders/{orderId}:watch" } },
    },
    "/v1/projects/{topic_1}/topics/{topic_2}": {
      get: { responses, "x-client": { call: "publisher.getTopic", http: "GET /v1/{topic=projects/*/topics/*}" } },
    },
    "/users/{user_id}": {
      patch: {
        responses,
        parameters: [query("dryRun", { type: "boolean" }), query("tags", { type: "array", items: { type: "string" } })],
        "x-client": { call: "users.updateUser", http: "PATCH /users/{user.id}", body: "user" },
      },
    },
  },
};
const call = (method: string, url: string, body?: string) => typeScriptOf({ method, url, body }, document);

it.each([
  ["GET", "http://h/orders/a%3Acancel", undefined, 'orders.getOrder({\n  orderId: "a:cancel"\n})'],
  [
    "POST",
    "/orders/1:cancel",
    '{"reason":"\\"x\\": y"}',
    'orders.cancelOrder({\n  orderId: "1",\n  reason: "\\"x\\": y"\n})',
  ],
  ["GET", "/v1/projects/p/topics/t", undefined, 'publisher.getTopic({\n  topic: "projects/p/topics/t"\n})'],
])("shows %s %s as a call of the client", (method, url, body, expected) => {
  expect(call(method, url, body)).toBe(`const response = await client.${expected};`);
});

it("joins path, query by its types, and body", () => {
  const text = call("PATCH", "/users/u1?dryRun=true&tags=a&tags=b", '{"email":"a@b.example"}') ?? "";
  expect(text.replaceAll(/\s+/g, " ")).toBe(
    'const response = await client.users.updateUser({ user: { email: "a@b.example", id: "u1" }, dryRun: true, tags: [ "a", "b" ] });',
  );
});

it("shows a stream as a loop, and nothing for what the client does not call", () => {
  expect(call("GET", "/orders/1:watch")).toContain("for await (const message of client.orders.watchOrder({");
  expect(call("POST", "/orders/1")).toBeUndefined();
});
