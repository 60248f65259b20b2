import { ScalarType } from "@bufbuild/protobuf";
import { JsonForm, type JsonRules } from "@kontor/proto-json";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { buildRoutes } from "../src/routing/build-routes.ts";
import { type Edge, startEdge } from "./edge.ts";
import { service } from "./library.ts";

const wide = new Set([ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64, ScalarType.SFIXED64]);
const rules: JsonRules = {
  isNumber: (field) =>
    field.scalar !== undefined && wide.has(field.scalar) && field.parent.file.proto.package !== "google.protobuf",
  hasShortNames: ({ name }) => name === "Genre" || name === "Colour",
  isWireOnly: ({ name }) => name === "lent",
};

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ json: rules });
});
beforeEach(() => {
  edge.upstream.seen.splice(0);
  edge.upstream.script = () => ({});
});
afterAll(() => edge.stop());

const posted = (body: string | object) => edge.send("POST", "/v1/books", { body });
const limit = Number.MAX_SAFE_INTEGER;

/** Responds to every call with this book, or a stream of it. */
function answering(book: { [key: string]: string | boolean | number }): void {
  edge.upstream.script = (rpc) => {
    if (rpc === "WatchBooks" || rpc === "Converse")
      return stream(rpc === "Converse" ? { number: `${book.copies}` } : book);
    return rpc === "ListBooks" ? { books: [book], request: { offset: `${book.copies}` } } : book;
  };
}

async function* stream<T>(item: T): AsyncGenerator<T> {
  yield item;
}

describe("a 64-bit integer that is a JSON number", () => {
  it.each([`{"copies":${limit}}`, `{"copies":"${limit}"}`, `{"copies":${limit}.0,"title":"\\u0061"}`])(
    "is read from %s",
    async (body) => {
      expect((await posted(body)).status).toBe(200);
      expect(edge.upstream.seen[0]?.request).toMatchObject({ book: { copies: `${limit}` } });
    },
  );

  it.each([
    `{"copies":${limit + 1}}`,
    `{"copies":"${limit + 2}"}`,
    `{"copies":-9007199254740993}`,
    `{"views":"18446744073709551615"}`,
  ])("is refused beyond 2^53: %s", async (body) => {
    const answer = await posted(body);
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0]).toMatchObject({ pointer: expect.stringMatching(/^\/(copies|views)$/) });
    expect(edge.upstream.seen).toEqual([]);
  });

  it("is refused beyond 2^53 in a query", async () => {
    expect((await edge.send("GET", `/v1/books?offset=${limit}`)).status).toBe(200);
    expect((await edge.send("GET", "/v1/books?offset=9007199254740993")).status).toBe(400);
  });

  it("is written as a number, in lists of messages too", async () => {
    answering({ copies: "1200", views: "0" });
    expect((await posted({})).json).toMatchObject({ copies: 1200, views: 0 });
    const { json } = await edge.send("GET", "/v1/books");
    expect(json).toMatchObject({ books: [{ copies: 1200 }], request: { offset: 1200 } });
  });

  it.each(["application/json", "application/x-ndjson", "text/event-stream"])(
    "is one in streams of %s",
    async (type) => {
      answering({ copies: "-7", genre: "GENRE_FICTION" });
      const { text } = await edge.send("GET", "/v1/books:watch", { headers: { Accept: type } });
      expect(text).toContain('"copies":-7,"views":0,"genre":"fiction",');
    },
  );

  it("is one in the frames of a WebSocket, both ways", async () => {
    edge.upstream.script = () => stream({ number: "12" });
    const socket = new WebSocket(`ws://127.0.0.1:${edge.port}/v1/rooms/7:converse`);
    const received = new Promise((resolve) => socket.on("message", (data) => resolve(JSON.parse(data.toString()))));
    socket.on("open", () => socket.send('{"number":5}'));
    expect(await received).toEqual({ text: expect.any(String), number: expect.any(Number) });
    socket.close();
  });

  it("is an error rather than a rounded number when an upstream sends more", async () => {
    answering({ copies: "9007199254740993" });
    const { status, text } = await posted({});
    expect(status).toBeGreaterThanOrEqual(500);
    expect(text).not.toContain("900719925474099");
  });

  it("cannot be declared for anything else", () => {
    const wrong = new JsonForm({ isNumber: ({ name }) => name === "title" });
    expect(() => buildRoutes([service()], () => true, wrong)).toThrow(/title.*not a 64-bit integer/);
  });
});

describe("an enum with short names", () => {
  it.each(["fiction", "FICTION", "Fiction", "GENRE_FICTION", "genre_fiction", 1])("is read from %j", async (genre) => {
    expect((await posted({ genre })).status).toBe(200);
    expect(edge.upstream.seen[0]?.request).toMatchObject({ book: { genre: "GENRE_FICTION" } });
    const inQuery = await edge.send("GET", `/v1/books?genres=${genre}&genres=fiction`);
    expect(inQuery.status).toBe(200);
    expect(edge.upstream.seen[1]?.request).toEqual({ genres: ["GENRE_FICTION", "GENRE_FICTION"] });
  });

  it.each(["fict", "", "GENRE_", "genre-fiction-x"])("is not read from %j", async (genre) => {
    expect((await posted({ genre })).status).toBe(400);
    expect((await edge.send("GET", `/v1/books?genres=${genre}`)).status).toBe(400);
  });

  it("is written short, and left out when it is not set", async () => {
    answering({ genre: "GENRE_FICTION" });
    expect((await posted({})).json).toMatchObject({ genre: "fiction" });
    answering({});
    expect(Object.keys((await posted({})).json)).not.toContain("genre");
    edge.upstream.script = () => ({ request: { genres: ["GENRE_UNSPECIFIED", "GENRE_FICTION", 7] } });
    expect((await edge.send("GET", "/v1/books")).json.request.genres).toEqual(["fiction", 7]);
  });
});

describe("a field of the wire", () => {
  it("is neither shown nor accepted", async () => {
    answering({ lent: true, copies: "3" });
    expect((await posted({})).json).not.toHaveProperty("lent");
    for (const lent of [true, null]) {
      const refused = await posted({ lent, title: "x" });
      expect(refused.status).toBe(400);
      expect(refused.json.errors[0].pointer).toBe("/lent");
    }
  });
});
