import { request as open } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Edge, startEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ limits: { bodyBytes: 64 * 1024 } });
});
beforeEach(() => {
  edge.upstream.seen.splice(0);
  edge.upstream.cancelled.splice(0);
  edge.upstream.script = () => ({});
});
afterAll(() => edge.stop());

const ndjson = { "Content-Type": "application/x-ndjson" };
const send = (body: string | Uint8Array, headers = {}) => edge.send("POST", "/v1/books:import", { body, headers });
const requests = () => edge.upstream.seen.map(({ request }) => request);

describe("a client stream", () => {
  it.each([
    ["NDJSON", '{"shelf":"a"}\n{"shelf":"b"}\n', ndjson],
    ["NDJSON without a last line feed", '{"shelf":"a"}\r\n{"shelf":"b"}', ndjson],
    ["an array", ' [ {"shelf":"a"} ,\n{"shelf":"b"}]\n', {}],
    ["compressed NDJSON", gzipSync('{"shelf":"a"}\n{"shelf":"b"}\n'), { ...ndjson, "Content-Encoding": "gzip" }],
  ])("takes %s", async (_, body, headers) => {
    expect(await send(body, headers)).toMatchObject({ status: 200, json: { count: 2 } });
    expect(requests()).toEqual([{ shelf: "a" }, { shelf: "b" }]);
  });

  it.each([
    ["an empty array", "[ ]", {}],
    ["empty NDJSON", "", ndjson],
  ])("of no messages is %s", async (_, body, headers) => {
    expect((await send(body, headers)).json).toEqual({ count: 0 });
  });

  it("may have brackets, commas, escapes and line feeds in its strings", async () => {
    await send('[{"shelf":"],[\\"\\\\"},{"shelf":"é\\n{"}]');
    expect(requests()).toEqual([{ shelf: '],["\\' }, { shelf: "é\n{" }]);
  });

  it("binds path and query in every message, and its body field", async () => {
    await edge.send("POST", "/v1/shelves/s%20x/books:import?validateOnly=true", { body: [{ id: "1" }, { id: "2" }] });
    const rest = { shelf: "s x", validateOnly: true };
    expect(requests()).toEqual([
      { book: { id: "1" }, ...rest },
      { book: { id: "2" }, ...rest },
    ]);
  });

  it.each([
    ["that is no array", "{}", {}, ""],
    ["with a comma too many", "[{},]", {}, "/1"],
    ["with an empty place", "[,{}]", {}, "/0"],
    ["that is not closed", "[{}", {}, "/0"],
    ["with trailing bytes", "[] x", {}, "/0"],
    ["with an unknown field", '[{"book":{"x":1}}]', {}, "/0/book/x"],
    ["with null", "[null]", {}, "/0"],
    ["with brackets that cross", "[{]}", {}, "/0"],
    ["with a byte order mark", "\ufeff[{}]", {}, "/0"],
    ["with an unknown field in a line", '{"nope":1}\n', ndjson, "/0/nope"],
    ["with two values in a line", "{}{}\n", ndjson, "/0"],
    ["with an empty line at its start", "\n{}", ndjson, "/0"],
    ["that is an array sent as NDJSON", "[{}]", ndjson, "/0"],
  ])("%s is 400 with a pointer that begins with the message", async (name, body, headers, pointer) => {
    const answer = await send(body, headers);
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].pointer).toBe(name === "that is no array" ? "/0" : pointer);
    const whole = ["with a comma too many", "that is not closed"].includes(name);
    if (!whole) expect(edge.upstream.seen).toEqual([]);
  });

  it("that goes wrong later cancels the RPC", async () => {
    const answer = await send('{"shelf":"a"}\n{"shelf":1}\n', ndjson);
    expect(answer.json).toMatchObject({ status: 400, errors: [{ pointer: "/1/shelf" }] });
    await expect.poll(() => edge.upstream.cancelled, { timeout: 1000 }).toEqual(["ImportBooks"]);
  });

  it("with a message over the limit is 413", async () => {
    const long = `{"shelf":"${"x".repeat(70_000)}"}`;
    expect((await send(`${long}\n`, ndjson)).status).toBe(413);
    expect((await send(`[${long}]`)).status).toBe(413);
    expect((await send(gzipSync(`[${long}]`), { "Content-Encoding": "gzip" })).status).toBe(413);
    expect(edge.upstream.seen).toEqual([]);
  });

  it("may be longer than the limit of one message", async () => {
    const line = `{"shelf":"${"x".repeat(1000)}"}\n`;
    expect((await send(line.repeat(200), ndjson)).json).toEqual({ count: 200 });
  });

  it.each(["text/plain", "application/ndjson", "application/x-ndjson; charset=latin1"])(
    "as %s is 415",
    async (type) => {
      const answer = await send("{}", { "Content-Type": type });
      expect(answer.status).toBe(415);
      expect(answer.headers.accept).toBe("application/json, application/x-ndjson");
      expect(edge.upstream.seen).toEqual([]);
    },
  );

  it("is read as fast as the upstream takes it", async () => {
    const gate = Promise.withResolvers<void>();
    edge.upstream.script = async () => {
      await gate.promise;
      return {};
    };
    const outgoing = open({ port: edge.port, method: "POST", path: "/v1/books:import", headers: ndjson, agent: false });
    const answered = new Promise<number>((resolve) => outgoing.on("response", (r) => resolve(r.statusCode ?? 0)));
    const line = `{"shelf":"${"x".repeat(32_000)}"}\n`;
    let written = 0;
    for (; written < 4000 && (await flushed()); written++);
    expect(written).toBeLessThan(2000);
    gate.resolve();
    outgoing.end();
    expect(await answered).toBe(200);

    /** Whether the line left within half a second. */
    async function flushed() {
      const drained = new Promise<true>((resolve) => outgoing.write(line, () => resolve(true)));
      return Promise.race([drained, new Promise<false>((resolve) => setTimeout(resolve, 500, false))]);
    }
  });

  it("is cancelled upstream when the client goes away", async () => {
    const outgoing = open({ port: edge.port, method: "POST", path: "/v1/books:import", headers: ndjson, agent: false });
    outgoing.on("error", () => {});
    outgoing.write('{"shelf":"a"}\n');
    await expect.poll(() => edge.upstream.seen).toHaveLength(1);
    outgoing.destroy();
    await expect.poll(() => edge.upstream.cancelled, { timeout: 1000 }).toEqual(["ImportBooks"]);
  });

  it("may receive its response before it ends", async () => {
    edge.upstream.script = () => Promise.reject({ code: 9, details: "enough" });
    const outgoing = open({ port: edge.port, method: "POST", path: "/v1/books:import", headers: ndjson, agent: false });
    outgoing.on("error", () => {});
    const answered = new Promise<number>((resolve) => outgoing.on("response", (r) => resolve(r.statusCode ?? 0)));
    outgoing.write('{"shelf":"a"}\n');
    expect(await answered).toBe(400);
    outgoing.destroy();
  });

  it("of google.api.HttpBody takes bytes as they come", async () => {
    const body = Buffer.alloc(200_000, 7);
    const answer = await edge.send("POST", "/v1/uploads/a/parts", { body, headers: { "Content-Type": "image/x" } });
    expect(answer.status).toBe(200);
    const parts = requests() as { name: string; file: { contentType: string; data: string } }[];
    expect(parts.every(({ name, file }) => name === "a" && file.contentType === "image/x")).toBe(true);
    expect(Buffer.concat(parts.map(({ file }) => Buffer.from(file.data, "base64"))).equals(body)).toBe(true);
    expect(answer.json.count).toBeGreaterThan(1);
  });

  it("that the policy refuses for a later message ends with that refusal", async () => {
    const { HttpError } = await import("../src/index.ts");
    const strict = await startEdge({
      prepare: ({ message }) => {
        if ("shelf" in message && message.shelf === "b") throw new HttpError(403, "NOT_YOURS", "Not yours.");
      },
    });
    const body = '{"shelf":"a"}\n{"shelf":"b"}\n';
    const answer = await strict.send("POST", "/v1/books:import", { body, headers: ndjson });
    expect(answer.status).toBe(403);
    expect(strict.upstream.seen.length).toBeLessThan(2);
    await strict.stop();
  });
});

describe("Expect: 100-continue", () => {
  it("is processed only once the caller is known", async () => {
    const { HttpError } = await import("../src/index.ts");
    const strict = await startEdge({
      authorise: ({ request }) => {
        if (!request.headers.authorization) throw new HttpError(401, "TOKEN_MISSING", "Who are you?");
      },
    });
    strict.upstream.script = () => ({});
    const ask = (headers: object) =>
      new Promise<{ continued: boolean; status: number; connection: string | undefined }>((resolve, reject) => {
        let continued = false;
        const outgoing = open(
          {
            port: strict.port,
            method: "POST",
            path: "/v1/books",
            agent: false,
            headers: { Expect: "100-continue", "Content-Type": "application/json", "Content-Length": 2, ...headers },
          },
          (response) => {
            response.resume();
            resolve({ continued, status: response.statusCode ?? 0, connection: response.headers.connection });
            if (!continued) outgoing.destroy();
          },
        );
        outgoing.on("error", reject);
        outgoing.on("continue", () => {
          continued = true;
          outgoing.end("{}");
        });
        outgoing.flushHeaders();
      });
    expect(await ask({})).toEqual({ continued: false, status: 401, connection: "close" });
    expect(strict.upstream.seen).toEqual([]);
    expect(await ask({ Authorization: "x" })).toMatchObject({ continued: true, status: 200 });
    expect(await ask({ Authorization: "x", "Content-Type": "text/plain" })).toMatchObject({
      continued: false,
      status: 415,
    });
    await strict.stop();
  });

  it("is the only expectation: another is 417", async () => {
    const answer = await edge.send("GET", "/v1/books/1", { headers: { Expect: "tea" } });
    expect(answer.status).toBe(417);
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
    expect(edge.upstream.seen).toEqual([]);
  });
});
