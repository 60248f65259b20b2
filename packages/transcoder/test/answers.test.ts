import { request } from "node:http";
import { create, type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Metadata, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  HelpSchema,
  LocalizedMessageSchema,
  RetryInfoSchema,
} from "../src/gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../src/gen/google/rpc/status_pb.ts";
import { HttpError } from "../src/index.ts";
import { type Edge, startEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    authorise: ({ request }) => {
      if (request.headers["x-refuse"]) throw new HttpError(401, "TOKEN_MISSING", "Who are you?");
    },
    problems: {
      typeOf: (reason) => `/errors/${reason}`,
      statusOf: (reason) => (reason === "REUSED" ? 422 : undefined),
    },
  });
});
beforeEach(() => edge.upstream.seen.splice(0));
afterAll(() => edge.stop());

describe("an answer", () => {
  it("has lowerCamelCase names, int64 as text, and default values", async () => {
    edge.upstream.script = () => ({ id: "1", copies: "9007199254740993", publishedAt: "2026-01-02T03:04:05.120Z" });
    const { json, headers } = await edge.send("GET", "/v1/books/1");
    expect(json).toMatchObject({
      copies: "9007199254740993",
      views: "0",
      genre: "GENRE_UNSPECIFIED",
      tags: [],
      labels: {},
    });
    expect(json.publishedAt).toBe("2026-01-02T03:04:05.120Z");
    expect(json).not.toHaveProperty("author");
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  });

  it.each(["", ".120", ".000120", ".000000120"])("has times with as many digits as they need: %j", async (digits) => {
    edge.upstream.script = () => ({ id: "1", publishedAt: `2026-01-02T03:04:05${digits}Z` });
    expect((await edge.send("GET", "/v1/books/1")).json.publishedAt).toBe(`2026-01-02T03:04:05${digits}Z`);
  });

  it("is one field if the contract has response_body", async () => {
    edge.upstream.script = () => ({ books: [{ id: "1" }] });
    const { json } = await edge.send("GET", "/v1/titles");
    expect(json).toMatchObject([{ id: "1" }]);
    edge.upstream.script = () => ({});
    expect((await edge.send("GET", "/v1/titles")).json).toEqual([]);
  });

  it.each([
    ["200", "/v1/books/1"],
    ["404", "/nowhere"],
    ["400", "/v1/books/%zz%"],
    ["401", "/v1/books/1"],
  ])("of %s carries nosniff and the request id", async (code, target) => {
    const refuse = code === "401" ? { "X-Refuse": "1" } : {};
    const { headers } = await edge.send("GET", target, { headers: { "X-Request-Id": "abc-123", ...refuse } });
    expect(headers["x-request-id"]).toBe("abc-123");
    expect(headers["x-content-type-options"]).toBe("nosniff");
  });

  it.each(["bad id", "x".repeat(200), "a,b;c"])("makes a request id when %j is not well-formed", async (id) => {
    const { headers } = await edge.send("GET", "/nowhere", { headers: { "X-Request-Id": id } });
    expect(headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("the order of checks", () => {
  it("is 404, 405, 401, and only then the body", async () => {
    const sent = { headers: { "X-Refuse": "1", "Content-Type": "text/plain" }, body: "x" };
    expect((await edge.send("POST", "/nowhere", sent)).status).toBe(404);
    expect((await edge.send("DELETE", "/v1/books", sent)).status).toBe(405);
    const unauthenticated = await edge.send("POST", "/v1/books", sent);
    expect(unauthenticated.status).toBe(401);
    expect(unauthenticated.headers["www-authenticate"]).toBe("Bearer");
    expect((await edge.send("POST", "/v1/books", { ...sent, headers: { "Content-Type": "text/plain" } })).status).toBe(
      415,
    );
    expect(edge.upstream.seen).toEqual([]);
  });
});

describe("an error of an upstream", () => {
  const failing = (code: number, message: string, details: [DescMessage, Message][] = []) => {
    const packed = details.map(([schema, value]) => anyPack(schema, value));
    const metadata = new Metadata();
    metadata.set(
      "grpc-status-details-bin",
      Buffer.from(toBinary(StatusSchema, create(StatusSchema, { code, message, details: packed }))),
    );
    edge.upstream.script = () => Promise.reject({ code, details: message, metadata });
  };

  it.each([
    [status.INVALID_ARGUMENT, 400, "INVALID_ARGUMENT"],
    [status.NOT_FOUND, 404, "NOT_FOUND"],
    [status.ALREADY_EXISTS, 409, "ALREADY_EXISTS"],
    [status.PERMISSION_DENIED, 403, "PERMISSION_DENIED"],
    [status.UNAUTHENTICATED, 401, "UNAUTHENTICATED"],
    [status.RESOURCE_EXHAUSTED, 429, "RESOURCE_EXHAUSTED"],
    [status.FAILED_PRECONDITION, 400, "FAILED_PRECONDITION"],
    [status.ABORTED, 409, "ABORTED"],
    [status.OUT_OF_RANGE, 400, "OUT_OF_RANGE"],
    [status.UNIMPLEMENTED, 501, "UNIMPLEMENTED"],
    [status.UNAVAILABLE, 503, "UNAVAILABLE"],
    [status.DEADLINE_EXCEEDED, 504, "DEADLINE_EXCEEDED"],
    [status.CANCELLED, 499, "CANCELLED"],
    [status.DATA_LOSS, 500, "DATA_LOSS"],
  ])("with code %i is %i", async (code, http, name) => {
    failing(code, "why");
    const answer = await edge.send("GET", "/v1/books/1");
    expect(answer.status).toBe(http);
    expect(answer.json).toMatchObject({ code: name, status: http });
  });

  it.each([status.INTERNAL, status.UNKNOWN])("with code %i hides its text", async (code) => {
    failing(code, "SELECT secret FROM users", [
      [ErrorInfoSchema, create(ErrorInfoSchema, { reason: "X", metadata: { a: "secret" } })],
    ]);
    const answer = await edge.send("GET", "/v1/books/1");
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain("secret");
  });

  it("becomes a problem with its details", async () => {
    failing(status.FAILED_PRECONDITION, "Not so.", [
      [ErrorInfoSchema, create(ErrorInfoSchema, { reason: "REUSED", domain: "d", metadata: { key: "k" } })],
      [
        BadRequestSchema,
        create(BadRequestSchema, {
          fieldViolations: [
            { field: "book.editors[0].full_name", description: "no" },
            { field: "request_id", description: "bad" },
            { field: "request_id[1]", description: "worse" },
          ],
        }),
      ],
      [RetryInfoSchema, create(RetryInfoSchema, { retryDelay: { seconds: 1n, nanos: 1 } })],
      [HelpSchema, create(HelpSchema, { links: [{ url: "u" }] })],
    ]);
    const answer = await edge.send("POST", "/v1/books", { body: {} });
    expect(answer.status).toBe(422);
    expect(answer.headers["retry-after"]).toBe("2");
    expect(answer.json).toMatchObject({
      type: "/errors/REUSED",
      detail: "Not so.",
      code: "FAILED_PRECONDITION",
      reason: "REUSED",
      domain: "d",
      metadata: { key: "k" },
      errors: [
        { pointer: "/editors/0/fullName", detail: "no" },
        { parameter: "requestId", detail: "bad" },
        { parameter: "requestId", detail: "worse" },
      ],
    });
    expect(answer.json.details).toHaveLength(1);
  });

  it("has the code of each violation, and the texts in the language of the client", async () => {
    failing(status.INVALID_ARGUMENT, "Not so.", [
      [LocalizedMessageSchema, create(LocalizedMessageSchema, { locale: "de", message: "So nicht." })],
      [LocalizedMessageSchema, create(LocalizedMessageSchema, { locale: "fr", message: "Non." })],
      [
        BadRequestSchema,
        create(BadRequestSchema, {
          fieldViolations: [
            { field: "book.id", description: "no", reason: "ODD", localizedMessage: { locale: "de", message: "nein" } },
          ],
        }),
      ],
    ]);
    const send = (language: string) =>
      edge.send("POST", "/v1/books", { body: {}, headers: { "Accept-Language": language } });
    const german = { title: "Ungültige Anfrage", detail: "So nicht.", errors: [{ code: "ODD", detail: "nein" }] };
    expect((await send("de-CH")).json).toMatchObject(german);
    expect((await send("fr, de;q=0.5")).json).toMatchObject({ detail: "Non.", title: "Ungültige Anfrage" });
    expect((await send("it")).json).toMatchObject({ detail: "Not so.", errors: [{ code: "ODD", detail: "no" }] });
    expect((await send("it")).json).not.toHaveProperty("details");
  });

  it.each([
    [
      status.UNIMPLEMENTED,
      "The server does not implement the method /books.v1.Books/Get",
      "The service does not serve this call.",
    ],
    [
      status.RESOURCE_EXHAUSTED,
      "Received message larger than max (5000000 vs 4194304)",
      "The request is larger than the service accepts.",
    ],
    [status.RESOURCE_EXHAUSTED, "You have read enough today.", "You have read enough today."],
  ])("never has the text of a library: %i %s", async (code, text, detail) => {
    failing(code, text, []);
    expect((await edge.send("GET", "/v1/books/1")).json.detail).toBe(detail);
  });

  it.each(["/%", "/v1/books/%E0%A4%A", "/v1/books/a\\b"])(
    "never has the text of Fastify or Node.js: %s",
    async (path) => {
      const answer = await edge.send("GET", path, { headers: { "Accept-Language": "de" } });
      expect(answer.status).toBe(400);
      expect(answer.json.detail).toMatch(/^(Die (URL|HTTP-Anfrage)|Der Pfad) /);
    },
  );

  it("never has the text of the protobuf library", async () => {
    const answer = await edge.send("POST", "/v1/books", { body: { pages: "many" } });
    expect(answer.text).not.toMatch(/cannot decode|google\.protobuf|JSON\.parse|Unexpected token/);
  });

  it("of an unknown type is kept", async () => {
    const metadata = new Metadata();
    const details = [
      { $typeName: "google.protobuf.Any" as const, typeUrl: "type.googleapis.com/x.Unknown", value: Uint8Array.of(1) },
    ];
    metadata.set(
      "grpc-status-details-bin",
      Buffer.from(toBinary(StatusSchema, create(StatusSchema, { code: 9, details }))),
    );
    edge.upstream.script = () => Promise.reject({ code: 9, details: "x", metadata });
    const answer = await edge.send("GET", "/v1/books/1");
    expect(answer.status).toBe(400);
    expect(answer.json.details).toEqual([{ "@type": "type.googleapis.com/x.Unknown", value: "AQ==" }]);
  });
});

describe("a deadline", () => {
  it("asked for by the client ends the call", async () => {
    edge.upstream.script = () => new Promise(() => {});
    const answer = await edge.send("GET", "/v1/books/1", { headers: { "X-Request-Timeout": "50m" } });
    expect(answer.status).toBe(504);
  });

  it("that has passed starts nothing", async () => {
    const answer = await edge.send("GET", "/v1/books/1", { headers: { "X-Request-Timeout": "0S" } });
    expect(answer.status).toBe(504);
    expect(edge.upstream.seen).toEqual([]);
  });

  it("that passes while the body is awaited starts nothing", async () => {
    const answered = await new Promise<number>((resolve, reject) => {
      const headers = { "Content-Type": "application/json", "Content-Length": 2, "X-Request-Timeout": "50m" };
      const options = { port: edge.port, method: "POST", path: "/v1/books", headers, agent: false };
      const outgoing = request(options, (response) => {
        resolve(response.statusCode ?? 0);
        outgoing.destroy();
      });
      outgoing.on("error", reject).flushHeaders();
    });
    expect(answered).toBe(504);
    expect(edge.upstream.seen).toEqual([]);
  });

  it.each(["1", "S", "-1S", "123456789S", "1.5S", "1s"])("of %j is 400", async (timeout) => {
    const answer = await edge.send("GET", "/v1/books/1", { headers: { "X-Request-Timeout": timeout } });
    expect(answer.status).toBe(400);
    expect(edge.upstream.seen).toEqual([]);
  });
});
