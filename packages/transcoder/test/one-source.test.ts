import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Edge, startEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
beforeEach(() => edge.upstream.seen.splice(0));
afterAll(() => edge.stop());

describe("a field bound to the path", () => {
  it.each(["id=9999", "%69d=9999", "id=100&id=9999", "id="])("cannot be written by the query %s", async (query) => {
    const answer = await edge.send("GET", `/v1/books/100?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].parameter).toBe("id");
    expect(edge.upstream.seen).toEqual([]);
  });

  it("cannot be changed by a body that disagrees", async () => {
    const answer = await edge.send("PUT", "/v1/books/100", { body: { id: "9999", title: "x" } });
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].pointer).toBe("/id");
    expect(edge.upstream.seen).toEqual([]);
  });

  it("may be repeated by a body that agrees", async () => {
    const answer = await edge.send("PUT", "/v1/books/100", { body: { id: "100", title: "x" } });
    expect(answer.status).toBe(200);
    expect(edge.upstream.seen[0]?.request).toEqual({ id: "100", title: "x" });
  });

  it("wins over nothing: an empty string in the body is a disagreement", async () => {
    expect((await edge.send("PUT", "/v1/books/100", { body: { id: "" } })).status).toBe(400);
    expect(edge.upstream.seen).toEqual([]);
  });

  it("is protected inside a body field, too", async () => {
    const answer = await edge.send("PATCH", "/v1/books/7", { body: { id: "8" } });
    expect(answer.status).toBe(400);
    expect(edge.upstream.seen).toEqual([]);
  });

  it("is not cleared by a oneof sibling in the query", async () => {
    expect((await edge.send("GET", "/v1/choices/visa?cash=yes")).status).toBe(400);
    expect(edge.upstream.seen).toEqual([]);
  });

  it("is not cleared by a oneof sibling in the body", async () => {
    expect((await edge.send("POST", "/v1/choices/visa", { body: { cash: "yes" } })).status).toBe(400);
    expect(edge.upstream.seen).toEqual([]);
  });
});

describe("a field of the body", () => {
  it("cannot be written by the query", async () => {
    const answer = await edge.send("POST", "/v1/books?book.title=x", { body: { title: "y" } });
    expect(answer.status).toBe(400);
    expect(edge.upstream.seen).toEqual([]);
  });

  it("leaves the other fields to the query", async () => {
    await edge.send("POST", "/v1/books?requestId=r-1&validate_only=true", { body: { title: "y" } });
    expect(edge.upstream.seen[0]?.request).toEqual({ book: { title: "y" }, requestId: "r-1", validateOnly: true });
  });

  it("takes every field when the body is the whole message", async () => {
    const answer = await edge.send("PUT", "/v1/books/1?title=x", { body: {} });
    expect(answer.status).toBe(400);
    expect(edge.upstream.seen).toEqual([]);
  });
});
