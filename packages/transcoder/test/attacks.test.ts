import { request } from "node:http";
import { connect } from "node:net";
import { create, type JsonValue } from "@bufbuild/protobuf";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TranscoderOptions } from "../src/index.ts";
import { type Edge, startEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ limits: { bodyBytes: 64 * 1024 } });
});
beforeEach(() => {
  edge.upstream.seen.splice(0);
  edge.upstream.script = () => null;
});
afterAll(() => edge.stop());

/** Resolves to the response to some bytes, up to the end of the connection or a given text. */
function raw(bytes: string, enough: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(edge.port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => {
      text += chunk;
      if (enough.test(text)) socket.destroy();
    });
    socket.on("error", () => {}).on("close", () => resolve(text));
  });
}

describe("a connection", () => {
  it("is closed after a response before the end of the body, whose rest is never read as a request", async () => {
    const smuggled = "GET /v1/books/2 HTTP/1.1\r\nHost: x\r\n\r\n";
    const head = `POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length + 10}\r\n\r\n`;
    const text = await raw(head + smuggled, /never/);
    expect(text).toMatch(/^HTTP\/1\.1 404/);
    expect(text).toMatch(/connection: close/i);
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(edge.upstream.seen).toEqual([]);
  });

  it.each([
    ["two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n"],
    ["a length and chunks", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"],
    ["chunks twice", "Transfer-Encoding: chunked, chunked\r\n"],
    ["a length in words", "Content-Length: two\r\n"],
    ["a header with a line feed alone", "X: a\nContent-Length: 2\r\n"],
    ["a space before a colon", "Content-Length : 2\r\n"],
  ])("with %s is refused, and the upstream receives nothing", async (_, headers) => {
    const head = `PUT /v1/books/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n`;
    const text = await raw(`${head}{}`, /\r\n\r\n/);
    expect(text).toMatch(/^HTTP\/1\.1 4\d\d/);
    expect(edge.upstream.seen).toEqual([]);
  });

  it("that ends in the middle of a body calls no upstream", async () => {
    const bytes = `PUT /v1/books/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{"title":`;
    await new Promise<void>((resolve) => {
      const socket = connect(edge.port, "127.0.0.1", () => socket.end(bytes));
      socket.on("close", () => resolve()).on("error", () => {});
      socket.resume();
    });
    expect(edge.upstream.seen).toEqual([]);
  });
});

describe("an upstream that sends invalid bytes", () => {
  it("with a date that ProtoJSON cannot express is 502", async () => {
    const published = { seconds: 253402300800n, nanos: 0 };
    const invoke: TranscoderOptions["invoke"] = async ({ method }) => ({
      message: create(method.output, { publishedAt: published } as never),
    });
    const strict = await startEdge({ invoke });
    const answer = await strict.send("GET", "/v1/books/1");
    expect(answer.status).toBe(502);
    expect(answer.json).toMatchObject({ code: "INTERNAL", title: "Bad gateway" });
    await strict.stop();
  });
});

describe("proto2", () => {
  it("with a required field left out is 400 with a pointer", async () => {
    const strict = await startEdge();
    for (const [body, pointer] of [
      [{}, "/name"],
      [{ name: "a", parts: [{ name: "b" }, {}] }, "/parts/1/name"],
    ] as const) {
      const answer = await strict.send("POST", "/v1/legacy", { body });
      expect(answer.status).toBe(400);
      expect(answer.json.errors[0].pointer).toBe(pointer);
    }
    expect(strict.upstream.seen).toEqual([]);
    await strict.stop();
  });
});

describe("a server stream", () => {
  const chunk = (text: string): JsonValue => ({ contentType: "text/x", data: Buffer.from(text).toString("base64") });

  it("of google.api.HttpBody is bytes as they come", async () => {
    edge.upstream.script = async function* () {
      yield chunk("ab");
      yield chunk("\u0000c");
    };
    const answer = await edge.send("GET", "/v1/downloads/a/b");
    expect(answer.text).toBe("ab\u0000c");
    expect(answer.headers["content-type"]).toBe("text/x");
  });

  it("of google.api.HttpBody that fails is cut off, never ended as if complete", async () => {
    edge.upstream.script = async function* () {
      yield chunk("ab");
      throw { code: 10, details: "conflict" };
    };
    const outcome = await new Promise<string>((resolve) => {
      request({ port: edge.port, path: "/v1/downloads/a", agent: false }, (response) => {
        response.resume().on("end", () => resolve(response.complete ? "complete" : "cut"));
        response.on("error", () => resolve("cut"));
      })
        .on("error", () => resolve("cut"))
        .end();
    });
    expect(outcome).toBe("cut");
  });

  it("requested by HEAD ends at its first message", async () => {
    edge.upstream.cancelled.splice(0);
    edge.upstream.script = async function* () {
      for (;;) {
        yield { id: "1" };
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    expect(await edge.send("HEAD", "/v1/books:watch")).toMatchObject({ status: 200, text: "" });
    await expect.poll(() => edge.upstream.cancelled, { timeout: 1000 }).toEqual(["WatchBooks"]);
  });
});
