import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Edge, startEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
  edge.upstream.script = () => null;
});
beforeEach(() => edge.upstream.seen.splice(0));
afterAll(() => edge.stop());

describe("a query", () => {
  it.each([
    ["page_size=5", { pageSize: 5 }],
    ["pageSize=5&page_size=5", { pageSize: 5 }],
    ["author.full_name=Ada+L%2BL", { author: { fullName: "Ada L+L" } }],
    ["author.mentor.mentor.fullName=x", { author: { mentor: { mentor: { fullName: "x" } } } }],
    ["author.born=9007199254740993", { author: { born: "9007199254740993" } }],
    ["genres=GENRE_FICTION&genres=1&genres=7", { genres: ["GENRE_FICTION", "GENRE_FICTION", 7] }],
    ["since=2026-01-02T03:04:05.5Z&max_age=1.5s", { since: "2026-01-02T03:04:05.500Z", maxAge: "1.500s" }],
    ["lent=false", { lent: false }],
    ["read_mask=books.title,books.id", { readMask: "books.title,books.id" }],
    ["readMask=books.author.full_name,books.publishedAt", { readMask: "books.author.fullName,books.publishedAt" }],
    ["offset=-9223372036854775808", { offset: "-9223372036854775808" }],
    ["filter=%7B%22a%22:1%7D", { filter: { a: 1 } }],
    ["tags=a&&tags=", { tags: ["a", ""] }],
  ])("fills fields from %s", async (query, request) => {
    const answer = await edge.send("GET", `/v1/books?${query}`);
    expect(answer.status).toBe(200);
    expect(edge.upstream.seen[0]?.request).toEqual(request);
  });

  it.each([
    ["nope=1", "nope"],
    ["page_size=5&page_size=5", "page_size"],
    ["page_size=5&pageSize=6", "pageSize"],
    ["page_size=1e99", "page_size"],
    ["page_size=0x10", "page_size"],
    ["page_size=", "page_size"],
    ["offset=9223372036854775808", "offset"],
    ["lent=yes", "lent"],
    ["genres=GENRE_NONE", "genres"],
    ["author=x", "author"],
    ["authors.full_name=x", "authors.full_name"],
    ["labels[a]=b", "labels[a]"],
    ["labels.a=b", "labels.a"],
    ["labels=b", "labels"],
    ["since.seconds=1", "since.seconds"],
    ["read_mask=books._id", "read_mask"],
    ["read_mask=books.x__y", "read_mask"],
    ["__proto__=1", "__proto__"],
    ["constructor.name=1", "constructor.name"],
  ])("is refused and named: %s", async (query, parameter) => {
    const answer = await edge.send("GET", `/v1/books?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
    expect(answer.json.errors[0].parameter).toBe(parameter);
    expect(edge.upstream.seen).toEqual([]);
  });

  it("ignores unknown parameters where a method allows it, but no field of the path", async () => {
    const lenient = await startEdge({ ignoresUnknownQuery: ({ name }) => name === "GetBook" });
    lenient.upstream.script = () => null;
    expect((await lenient.send("GET", "/v1/books/1?utm_source=x&utm.medium=y")).status).toBe(200);
    expect(lenient.upstream.seen.map(({ request }) => request)).toEqual([{ id: "1" }]);
    expect((await lenient.send("GET", "/v1/books/1?id=9999")).status).toBe(400);
    expect((await lenient.send("GET", "/v1/books?utm_source=x")).status).toBe(400);
    expect(lenient.upstream.seen).toHaveLength(1);
    await lenient.stop();
  });

  it.each(["tags=%zz", "tags=%00", "tags=%ff"])("with a malformed escape is 400: %s", async (query) => {
    expect((await edge.send("GET", `/v1/books?${query}`)).status).toBe(400);
    expect(edge.upstream.seen).toEqual([]);
  });
});
