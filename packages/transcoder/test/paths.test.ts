import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Edge, startEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
beforeEach(() => edge.upstream.seen.splice(0));
afterAll(() => edge.stop());

async function seen(method: string, target: string) {
  const answer = await edge.send(method, target);
  return { status: answer.status, call: edge.upstream.seen[0] };
}

describe("a path", () => {
  it("is decoded once, segment by segment", async () => {
    expect((await seen("GET", "/v1/books/a%2Fb%2520c")).call?.request).toEqual({ id: "a/b%20c" });
  });

  it.each([
    ["/v1/books/a%5Cb", { id: "a\\b" }],
    ["/v1/books/%5c", { id: "\\" }],
    ["/v1/shelves/a%5Cb/books/c", { name: "shelves/a\\b/books/c" }],
    ["/v1/files/a/b%5Cc%2Fd", { path: "a/b\\c%2Fd" }],
  ])("takes an encoded backslash as data: %s", async (target, request) => {
    expect((await seen("GET", target)).call?.request).toEqual(request);
  });

  it("keeps %2F in a variable of several segments", async () => {
    expect((await seen("GET", "/v1/shelves/a%2Fb/books/c%20d")).call?.request).toEqual({
      name: "shelves/a%2Fb/books/c d",
    });
  });

  it("binds the rest of the path to **", async () => {
    expect((await seen("GET", "/v1/files/a/b%2Fc//d")).call?.request).toEqual({ path: "a/b%2Fc//d" });
    edge.upstream.seen.splice(0);
    expect((await seen("GET", "/v1/files")).status).toBe(200);
  });

  it.each([
    "/v1/books/",
    "/v1/books/1/",
    "//v1/books/1",
    "/V1/books/1",
    "/v1/books//",
    "/transcoder.test.v1.LibraryService/GetBook",
  ])("that does not exist is 404: %s", async (target) => {
    expect(await seen("GET", target)).toEqual({ status: 404, call: undefined });
  });

  it.each([
    "/v1/books/%zz",
    "/v1/books/%",
    "/v1/books/%00",
    "/v1/books/%ff",
    "/v1/books/%c0%ae",
    "/v1/books/..",
    "/v1/books/%2e%2e",
    "/v1/files/a/%2e%2E/b",
    "/v1/books/..%2f..%2fx",
    "/v1/books/a\\b",
    "/v1/books/..%5c..%5cx",
    "/v1/books/a%5C..",
    "/v1/files/a/%2e%2e%5Cb",
    "/v1/./books/1",
    "/v1/x/../books/1",
    "/v1/books/a#b",
  ])("that is malformed or climbs never reaches an RPC: %s", async (target) => {
    const { status, call } = await seen("GET", target);
    expect([400, 404]).toContain(status);
    expect(call).toBeUndefined();
  });

  it("of another method is 405 with Allow", async () => {
    const answer = await edge.send("DELETE", "/v1/books/1");
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe("GET, HEAD, OPTIONS, PATCH, PUT");
    expect(edge.upstream.seen).toEqual([]);
  });

  it("responds to OPTIONS with Allow", async () => {
    const answer = await edge.send("OPTIONS", "/v1/books");
    expect(answer.status).toBe(204);
    expect(answer.headers.allow).toBe("GET, HEAD, OPTIONS, POST");
  });

  it("responds to HEAD like GET, without a body", async () => {
    const answer = await edge.send("HEAD", "/v1/books/1");
    expect(answer).toMatchObject({ status: 200, text: "" });
    expect(Number(answer.headers["content-length"])).toBeGreaterThan(0);
  });

  it("takes a custom method", async () => {
    expect((await seen("PURGE", "/v1/loans/1")).call?.rpc).toBe("Purge");
  });

  it("may have the absolute form", async () => {
    expect((await seen("GET", "http://elsewhere.example/v1/books/1")).call?.request).toEqual({ id: "1" });
    expect((await seen("OPTIONS", "*")).status).toBe(204);
  });

  it("that is too long is 414", async () => {
    expect(await seen("GET", `/v1/books/${"a".repeat(9000)}`)).toEqual({ status: 414, call: undefined });
  });
});

describe("a verb", () => {
  it("is found on the raw path", async () => {
    expect((await seen("POST", "/v1/loans/7:cancel")).call).toEqual({ rpc: "CancelLoan", request: { id: "7" } });
  });

  it("is not made by %3A", async () => {
    expect(await seen("POST", "/v1/loans/7%3Acancel")).toEqual({ status: 405, call: undefined });
    expect((await seen("GET", "/v1/loans/7%3Acancel")).call).toEqual({ rpc: "GetLoan", request: { id: "7:cancel" } });
  });

  it("that is not registered is data", async () => {
    expect((await seen("GET", "/v1/loans/7:other")).call?.request).toEqual({ id: "7:other" });
    edge.upstream.seen.splice(0);
    expect((await seen("GET", "/v1/loans/7:")).call?.request).toEqual({ id: "7:" });
  });

  it("that exists for another method is 405", async () => {
    expect((await edge.send("GET", "/v1/loans/7:cancel")).headers.allow).toBe("OPTIONS, POST");
    expect(edge.upstream.seen).toEqual([]);
  });
});
