import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Edge, startEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
  edge.upstream.script = () => ({});
});
beforeEach(() => edge.upstream.seen.splice(0));
afterAll(() => edge.stop());

const both = "application/json, application/merge-patch+json";
const send = (method: string, path: string, type: string, body: object | string) =>
  edge.send(method, path, {
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "Content-Type": type },
  });
const patch = (body: object | string, query = "") =>
  send("PATCH", `/v1/books/7${query}`, "application/merge-patch+json; charset=UTF-8", body);
const seen = () => edge.upstream.seen.at(-1)?.request;

describe("a merge patch", () => {
  it.each<[object, object, string]>([
    [{ title: "x", tags: ["a"] }, { title: "x", tags: ["a"] }, "title,tags"],
    [{ title: null, tags: null, labels: null }, {}, "title,tags,labels"],
    [{ author: null }, {}, "author"],
    [{ author: { fullName: "y", born: null } }, { author: { fullName: "y" } }, "author.fullName,author.born"],
    [{ labels: {} }, {}, ""],
    [{}, {}, ""],
  ])("changes the fields that it has and clears those that are null: %j", async (body, book, mask) => {
    expect((await patch(body)).status).toBe(200);
    expect(seen()).toEqual({ book: { id: "7", ...book }, updateMask: mask });
  });

  it.each<[object, string, string]>([
    [{ labels: { a: "b" } }, "/labels", "MERGE_ENTRIES"],
    [{ labels: { a: null } }, "/labels/a", "NULL"],
    [{ author: {} }, "/author", "MERGE_EMPTY"],
    [{ tags: { 0: "a" } }, "/tags", "WRONG_TYPE"],
  ])("that a mask cannot express is 400 with a pointer: %j", async (body, pointer, code) => {
    const { status, json } = await patch(body);
    expect({ status, errors: json.errors }).toMatchObject({ status: 400, errors: [{ pointer }] });
    if (code.startsWith("MERGE")) expect(json.errors[0].code).toBe(code);
    expect(edge.upstream.seen).toEqual([]);
  });

  it.each(["[]", '"x"', "null"])("that is no object is 400: %s", async (body) => {
    expect((await patch(body)).status).toBe(400);
  });

  it("takes no mask next to it but an empty one", async () => {
    expect(await patch({ title: "x" }, "?updateMask=title")).toMatchObject({
      status: 400,
      json: { reason: "INVALID_QUERY", errors: [{ parameter: "updateMask", code: "MERGE_MASK" }] },
    });
    expect(edge.upstream.seen).toEqual([]);
    expect((await patch({ title: "x" }, "?updateMask=")).status).toBe(200);
  });

  it.each([
    ["PUT", "/v1/books/7", "application/merge-patch+json"],
    ["POST", "/v1/books", "application/merge-patch+json"],
  ])("is taken by no %s", async (method, path, type) => {
    const answer = await send(method, path, type, {});
    expect(answer.status).toBe(415);
    expect(answer.headers.accept).toBe("application/json");
  });
});

describe("Accept-Patch", () => {
  it.each(["application/json-patch+json", "text/plain", "application/merge-patch+json; charset=latin1"])(
    "is on the 415 of a PATCH as %s",
    async (type) => {
      const { status, headers } = await send("PATCH", "/v1/books/7", type, {});
      expect([status, headers["accept-patch"], headers.accept]).toEqual([415, both, both]);
    },
  );

  it.each<[string, number]>([
    ["OPTIONS", 204],
    ["GET", 200],
    ["HEAD", 200],
    ["DELETE", 405],
  ])("is on %s of a resource that can be patched", async (method, status) => {
    const answer = await edge.send(method, "/v1/books/7");
    expect([answer.status, answer.headers["accept-patch"]]).toEqual([status, both]);
  });

  it.each(["/v1/loans/7", "/v1/books"])("is not on others: %s", async (path) => {
    for (const method of ["OPTIONS", "GET"])
      expect((await edge.send(method, path)).headers["accept-patch"]).toBeUndefined();
  });
});
