import { describe, expect, it } from "vitest";
import { buildRequest } from "./request.ts";

const get = (http: string, request: object, body?: string) =>
  buildRequest({ http, ...(body !== undefined && { body }) }, { ...request });

describe("the path of a request", () => {
  it.each([
    ["a:cancel", "/orders/a%3Acancel"],
    ["a/b:publish", "/orders/a%2Fb%3Apublish"],
    ["Müller ß", "/orders/M%C3%BCller%20%C3%9F"],
    ["100%", "/orders/100%25"],
    ["a?b#c", "/orders/a%3Fb%23c"],
  ])("carries the id %s whole", (id, target) => {
    expect(get("GET /orders/{orderId}", { orderId: id }).target).toBe(target);
  });

  it("keeps the slashes of a variable of several parts, and escapes the rest", () => {
    const http = "POST /v1/{topic=projects/*/topics/*}:publish";
    expect(get(http, { topic: "projects/p:x/topics/t" }).target).toBe("/v1/projects/p%3Ax/topics/t:publish");
  });

  it.each([
    ["GET /orders/{orderId}", {}],
    ["GET /orders/{orderId}", { orderId: "" }],
    ["GET /orders/{orderId}", { orderId: ".." }],
    ["GET /orders/{orderId}", { orderId: null }],
    ["GET /v1/{name=shelves/*}", { name: "shelves/a/books/b" }],
    ["GET /v1/{name=shelves/*}", { name: "books/a" }],
    ["GET /v1/{name=shelves/*/books/*}", { name: "shelves/../books/b" }],
  ])("%s is refused for %j: it would reach another RPC", (http, request) => {
    expect(() => get(http, request)).toThrow(expect.objectContaining({ reason: "INVALID_ARGUMENT" }));
  });
});

describe("the other fields of a request", () => {
  it("are the query, nested ones with dots and repeated ones again", () => {
    const request = { orderId: "1", filter: { by: "a b", skip: null }, tag: ["x", "y&z"], pageSize: 0 };
    expect(get("GET /orders/{orderId}", request).target).toBe("/orders/1?filter.by=a%20b&tag=x&tag=y%26z&pageSize=0");
  });

  it("are the body without what the path has", () => {
    const built = get("POST /users/{userId}", { userId: "u", name: "n" }, "*");
    expect(built).toMatchObject({ target: "/users/u", body: '{"name":"n"}', contentType: "application/json" });
  });

  it("are a field as the body, and the query", () => {
    const built = get("PATCH /users/{user.id}", { user: { id: "u", name: "n" }, dry: true }, "user");
    expect(built).toMatchObject({ target: "/users/u?dry=true", body: '{"name":"n"}' });
  });
});
