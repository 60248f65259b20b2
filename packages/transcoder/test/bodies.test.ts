import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Edge, startEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ limits: { bodyBytes: 64 * 1024, json: { maxDepth: 20, maxValues: 1000 } } });
});
beforeEach(() => edge.upstream.seen.splice(0));
afterAll(() => edge.stop());

const put = (body: string | Uint8Array | object, headers = {}) => edge.send("PUT", "/v1/books/1", { body, headers });
const lastSeen = () => edge.upstream.seen.at(-1)?.request;

describe("a JSON body", () => {
  it.each([
    [
      "int64 exact, unquoted",
      '{"copies":9007199254740993,"views":18446744073709551615}',
      { copies: "9007199254740993", views: "18446744073709551615" },
    ],
    ["int64 with an exponent", '{"copies":1e3,"pages":2.0}', { copies: "1000", pages: 2 }],
    ["int64 as text", '{"copies":"-9223372036854775808"}', { copies: "-9223372036854775808" }],
    ["proto names", '{"published_at":"2026-01-02T03:04:05Z"}', { publishedAt: "2026-01-02T03:04:05Z" }],
    ["enums by name and number", '{"genre":1}', { genre: "GENRE_FICTION" }],
    ["null as absent", '{"title":null,"author":null,"tags":null}', {}],
    ["null as a value", '{"extra":null}', { extra: null }],
    [
      "maps",
      '{"labels":{"__proto__":"x"},"reviews":{"-5":{"fullName":"a"}}}',
      { labels: { ["__proto__"]: "x" }, reviews: { "-5": { fullName: "a" } } },
    ],
    ["wrappers exactly", '{"author":{"born":9007199254740993}}', { author: { born: "9007199254740993" } }],
    ["escapes", '{"title":"\\ud83d\\ude00\\u0041\\n"}', { title: "😀A\n" }],
    ["bytes in either alphabet", '{"cover":"-_8="}', { cover: "+/8=" }],
    ["special floats", '{"weight":"-Infinity"}', { weight: "-Infinity" }],
    [
      "Any with exact numbers",
      '{"any":{"@type":"type.googleapis.com/transcoder.test.v1.Book","copies":9007199254740993}}',
      { any: { "@type": "type.googleapis.com/transcoder.test.v1.Book", copies: "9007199254740993" } },
    ],
  ])("carries %s", async (_, body, expected) => {
    const answer = await put(body);
    expect(answer.json).not.toHaveProperty("errors");
    expect(answer.status).toBe(200);
    expect(lastSeen()).toEqual({ id: "1", ...expected });
  });

  it.each([
    ["an unknown field", '{"title":"x","tytle":"y"}', "/tytle"],
    ["an unknown field inside", '{"editors":[{},{"name":"x"}]}', "/editors/1/name"],
    ["a duplicate key", '{"title":"x","title":"y"}', "/title"],
    ["a duplicate key hidden by an escape", '{"title":"x","t\\u0069tle":"y"}', "/title"],
    ["both names of a field", '{"publishedAt":null,"published_at":null}', "/published_at"],
    ["a duplicate map key", '{"reviews":{"1":{},"01":{}}}', "/reviews/01"],
    ["a wrong type", '{"editors":[{"fullName":5}]}', "/editors/0/fullName"],
    ["an int64 out of range", '{"copies":9223372036854775808}', "/copies"],
    ["an int64 with a fraction", '{"copies":1.5}', "/copies"],
    ["an int32 in hexadecimal", '{"pages":"0x10"}', "/pages"],
    ["an infinite number", '{"weight":1e400}', "/weight"],
    ["null in a list", '{"tags":[null]}', "/tags/0"],
    ["an unknown enum value", '{"genre":"GENRE_NONE"}', "/genre"],
    ["a scalar for a list", '{"tags":"x"}', "/tags"],
    ["an array", "[]", ""],
    ["a tilde and a slash", '{"labels":{"a/b~c":1}}', "/labels/a~1b~0c"],
    ["a timestamp that is none", '{"publishedAt":"yesterday"}', "/publishedAt"],
  ])("with %s is refused with its pointer", async (_, body, pointer) => {
    const answer = await put(body);
    expect(answer.status).toBe(400);
    expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
    expect(answer.json.errors[0].pointer).toBe(pointer);
    expect(edge.upstream.seen).toEqual([]);
  });

  it.each([
    ["trailing bytes", '{"title":"x"} x'],
    ["two values", "{}{}"],
    ["a byte order mark", "\ufeff{}"],
    ["a comment", "{}//"],
    ["a trailing comma", '{"title":"x",}'],
    ["single quotes", "{'title':'x'}"],
    ["a leading zero", '{"pages":01}'],
    ["NaN", '{"weight":NaN}'],
    ["a control character", '{"title":"\u0001"}'],
    ["half a surrogate pair", '{"title":"\\ud800"}'],
    ["an open string", '{"title":"x'],
    ["bytes that are not UTF-8", Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["too many levels", `${'{"author":{"mentor":'.repeat(15)}{}${"}".repeat(30)}`],
    [
      "too many values",
      JSON.stringify({ labels: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i, ""])) }),
    ],
  ])("with %s is 400, with the place of the fault", async (_, body) => {
    const answer = await put(body);
    expect(answer.status).toBe(400);
    expect(answer.json.detail).toEqual(expect.any(String));
    const [{ pointer } = { pointer: "" }] = answer.json.errors ?? [];
    expect(pointer).toMatch(/^(\/.*)?$/);
    expect(edge.upstream.seen).toEqual([]);
  });

  it("may be absent", async () => {
    expect((await edge.send("POST", "/v1/loans/7:cancel")).status).toBe(200);
    expect(lastSeen()).toEqual({ id: "7" });
  });

  it("where none is mapped is 400", async () => {
    const answer = await edge.send("GET", "/v1/books/1", { body: {} });
    expect(answer.status).toBe(400);
    expect(edge.upstream.seen).toEqual([]);
  });
});

describe("the Content-Type", () => {
  it.each([
    "application/json",
    "Application/JSON; charset=UTF-8",
    'application/json;charset="utf-8"',
    "application/json ; a=b ;",
  ])("%s is JSON", async (type) => {
    expect((await put("{}", { "Content-Type": type })).status).toBe(200);
  });

  it.each([
    "text/plain",
    "application/jsonp",
    "application/json; charset=latin1",
    "application/json; charset=utf-8; charset=utf-7",
    "application/json, text/plain",
    "application/json;charset",
    "application /json",
    "json",
  ])("%s is 415", async (type) => {
    expect((await put("{}", { "Content-Type": type })).status).toBe(415);
    expect(edge.upstream.seen).toEqual([]);
  });

  it("given twice is refused", async () => {
    const answer = await put("{}", { "Content-Type": ["application/json", "text/plain"] });
    expect([400, 415]).toContain(answer.status);
    expect(edge.upstream.seen).toEqual([]);
  });
});

describe("an encoded body", () => {
  it.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
    ["deflate", deflateSync],
  ])("of %s is decoded", async (encoding, compress) => {
    expect((await put(compress('{"title":"x"}'), { "Content-Encoding": encoding })).status).toBe(200);
    expect(lastSeen()).toEqual({ id: "1", title: "x" });
  });

  it.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
    ["deflate", deflateSync],
  ])("of %s that unfolds beyond the limit is 413", async (encoding, compress) => {
    const bomb = compress(`{"title":"${"x".repeat(1024 * 1024)}"}`);
    expect((await put(bomb, { "Content-Encoding": encoding })).status).toBe(413);
    expect(edge.upstream.seen).toEqual([]);
  });

  it.each([
    ["gzip", 400],
    ["zstd", 415],
    ["gzip, gzip", 415],
  ])("that is not %s, or nothing we know, is %i", async (encoding, status) => {
    expect((await put("{}", { "Content-Encoding": encoding })).status).toBe(status);
    expect(edge.upstream.seen).toEqual([]);
  });
});

describe("a body over the limit", () => {
  it("is 413 when announced", async () => {
    const answer = await put(`{"title":"${"x".repeat(70_000)}"}`);
    expect(answer.status).toBe(413);
    expect(answer.json.reason).toBe("BODY_TOO_LARGE");
    expect(edge.upstream.seen).toEqual([]);
  });

  it("is 413 when chunked", async () => {
    const answer = await put(`{"title":"${"x".repeat(70_000)}"}`, {
      "Transfer-Encoding": "chunked",
      "Content-Length": [],
    });
    expect(answer.status).toBe(413);
    expect(edge.upstream.seen).toEqual([]);
  });
});

describe("a PATCH", () => {
  it.each([
    [{ title: "x", author: { fullName: "y", born: null } }, "title,author.fullName,author.born"],
    [{ title: null, labels: {}, publishedAt: "2026-01-01T00:00:00Z" }, "title,labels,publishedAt"],
    [{ id: "7", tags: [] }, "tags"],
    [{}, ""],
  ])("fills the mask from the fields present: %j", async (body, mask) => {
    await edge.send("PATCH", "/v1/books/7", { body });
    expect(lastSeen()).toHaveProperty("updateMask", mask);
  });

  it.each(["updateMask=", "update_mask="])("fills a mask that is sent empty: %s", async (query) => {
    await edge.send("PATCH", `/v1/books/7?${query}`, { body: { title: "x" } });
    expect(lastSeen()).toHaveProperty("updateMask", "title");
  });

  it("keeps the mask that the client sent", async () => {
    await edge.send("PATCH", "/v1/books/7?update_mask=tags", { body: { title: "x" } });
    expect(lastSeen()).toEqual({ book: { id: "7", title: "x" }, updateMask: "tags" });
  });
});

describe("google.api.HttpBody", () => {
  it("passes bytes through both ways", async () => {
    edge.upstream.script = (_, request) => {
      const { file } = request as unknown as { file: { contentType: string; data: Uint8Array } };
      return { contentType: file.contentType, data: Buffer.from(file.data).toString("base64") };
    };
    const body = Uint8Array.from([0, 255, 10, 13]);
    const answer = await edge.send("POST", "/v1/uploads/a.bin", { body, headers: { "Content-Type": "image/x; a=b" } });
    edge.upstream.script = (_, request) => JSON.parse(JSON.stringify(request));
    expect(answer.headers["content-type"]).toBe("image/x; a=b");
    expect(answer.headers["content-length"]).toBe("4");
    expect(lastSeen()).toEqual({ name: "a.bin", file: { contentType: "image/x; a=b", data: "AP8KDQ==" } });
  });

  it.each(["GET", "HEAD"])("keeps its content type when it is empty: %s of a stream", async (method) => {
    edge.upstream.script = async function* () {
      yield { contentType: "text/csv; header=present" };
    };
    const answer = await edge.send(method, "/v1/downloads/a.csv");
    expect(answer).toMatchObject({ status: 200, text: "", headers: { "content-type": "text/csv; header=present" } });
  });

  it("keeps the content type of an empty first message of a stream, and the data after it", async () => {
    edge.upstream.script = async function* () {
      yield { contentType: "text/csv" };
      yield { data: Buffer.from("a,b\n").toString("base64") };
      yield {};
      yield { contentType: "text/plain", data: Buffer.from("1,2\n").toString("base64") };
    };
    const answer = await edge.send("GET", "/v1/downloads/a.csv");
    expect(answer).toMatchObject({ status: 200, text: "a,b\n1,2\n", headers: { "content-type": "text/csv" } });
  });

  it("keeps its content type when it is empty", async () => {
    edge.upstream.script = () => ({ contentType: "text/csv" });
    const answer = await edge.send("POST", "/v1/uploads/a.csv", { body: "x", headers: { "Content-Type": "text/csv" } });
    expect(answer).toMatchObject({ status: 200, text: "" });
    expect(answer.headers).toMatchObject({ "content-type": "text/csv", "content-length": "0" });
  });

  it("without a content type is a stream of octets", async () => {
    edge.upstream.script = () => ({});
    const answer = await edge.send("POST", "/v1/uploads/a.csv", { body: "x", headers: { "Content-Type": "text/csv" } });
    expect(answer.headers["content-type"]).toBe("application/octet-stream");
  });

  it.each([
    "text/html\r\nSet-Cookie: a=b",
    "text/html\r\n",
    "\ntext/html",
    "text/html, text/plain",
    "text/html; a",
    "text",
    "text/",
    "text/ü",
    `text/${"x".repeat(300)}`,
  ])("with a content type that is none is 502: %j", async (contentType) => {
    const body = { contentType, data: "YQ==" };
    edge.upstream.script = () => body;
    const headers = { "Content-Type": "text/csv" };
    const answer = await edge.send("POST", "/v1/uploads/a.csv", { body: "x", headers });
    expect(answer).toMatchObject({ status: 502, json: { code: "INTERNAL" } });
    expect(answer.headers).not.toHaveProperty("set-cookie");
    edge.upstream.script = async function* () {
      yield body;
    };
    expect(await edge.send("GET", "/v1/downloads/a")).toMatchObject({ status: 502 });
  });
});
