import type { JsonValue } from "@bufbuild/protobuf";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Edge, startEdge } from "./edge.ts";

let edge: Edge;
let plain: Edge;
beforeAll(async () => {
  edge = await startEdge({
    limits: { heartbeatMs: 50 },
    versionOf: ({ name }) =>
      name === "WatchBooks"
        ? (book) => String((book as unknown as { copies: bigint }).copies || "") || undefined
        : undefined,
  });
  plain = await startEdge();
});
beforeEach(() => edge.upstream.seen.splice(0));
afterAll(() => Promise.all([edge.stop(), plain.stop()]));

const watch = (lastId?: string, accept = "text/event-stream", to = edge) =>
  to.send("GET", "/v1/books:watch", {
    headers: { Accept: accept, ...(lastId !== undefined && { "Last-Event-ID": lastId }) },
  });
const ids = (text: string) => [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id);

const withoutHeartbeats = (text: string) => text.replaceAll(":\n\n", "");

function yielding(...versions: number[]): () => AsyncGenerator<JsonValue> {
  return async function* () {
    for (const copies of versions) yield { copies };
  };
}

describe("an event stream of versions", () => {
  it("names the version of each event, and the time until a reconnect", async () => {
    edge.upstream.script = yielding(3, 4);
    const { text } = await watch();
    expect(withoutHeartbeats(text)).toMatch(/^retry: \d{4}\n\nid: 3\ndata: \{.*\}\n\nid: 4\ndata: \{.*\}\n\n$/);
  });

  it.each<[string, number[], string[]]>([
    ["3", [3, 4], ["4"]],
    ["3", [5], ["5"]],
    ["2", [3, 4], ["3", "4"]],
    ["0", [3], ["3"]],
    ["9007199254740993", [3, 4], []],
  ])("continues after the version %s without the received events: %j", async (lastId, versions, sent) => {
    edge.upstream.script = yielding(...versions);
    const answer = await watch(lastId);
    expect(answer.status).toBe(sent.length === 0 ? 204 : 200);
    expect(ids(answer.text)).toEqual(sent);
  });

  it("responds with 204 to a client that has its last version, so that it does not reconnect", async () => {
    edge.upstream.script = yielding(4);
    const answer = await watch("4");
    expect(answer).toMatchObject({ status: 204, text: "", headers: { "cache-control": "no-store" } });
    expect(answer.headers["content-type"]).toBeUndefined();
  });

  /** Yields the events that the client has, waits for its first heartbeat, and yields the rest. */
  async function resume(...rest: number[]): Promise<string> {
    const heartbeat = Promise.withResolvers<void>();
    edge.upstream.script = async function* () {
      yield { copies: 4 };
      await heartbeat.promise;
      for (const copies of rest) yield { copies };
    };
    const headers = { Accept: "text/event-stream", "Last-Event-ID": "4" };
    const response = await fetch(`http://127.0.0.1:${edge.port}/v1/books:watch`, { headers });
    expect(response.status).toBe(200);
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes(":\n\n")) heartbeat.resolve();
    }
    return text;
  }

  it("opens when nothing is new yet, and sends later events", async () => {
    expect(await resume(5)).toMatch(/^retry: \d+\n\n(:\n\n)+id: 5\ndata: .*\n\n$/);
  });

  it("that ends after it opened without anything new needs no third connection", async () => {
    expect(ids(await resume())).toEqual(["end"]);
    edge.upstream.seen.splice(0);
    expect((await watch("end")).status).toBe(204);
    expect(edge.upstream.seen).toEqual([]);
  });

  it.each(["", "abc", "-1", "1.5", "4, 4", "999999999999999999999"])(
    "begins with the present state after an id that is no version: %j",
    async (lastId) => {
      edge.upstream.script = yielding(4);
      const answer = await watch(lastId);
      expect([answer.status, ids(answer.text)]).toEqual([200, ["4"]]);
    },
  );

  it("is an HTTP error when it fails before anything new, and a problem event later", async () => {
    edge.upstream.script = async function* () {
      yield { copies: 4 };
      throw { code: 14, details: "away" };
    };
    expect(await watch("4")).toMatchObject({ status: 503, json: { code: "UNAVAILABLE" } });
    const { status, text } = await watch("3");
    expect(status).toBe(200);
    expect(JSON.parse(/\nevent: problem\ndata: (.*)\n\n$/.exec(text)?.[1] ?? "")).toMatchObject({ status: 503 });
    expect(text).not.toContain("event: error");
  });

  it.each(["application/x-ndjson", "application/json"])(
    "is whole as %s, whatever Last-Event-ID says",
    async (accept) => {
      edge.upstream.script = yielding(4);
      expect((await watch("4", accept)).text).toContain('"4"');
      expect((await watch("end", accept)).text).toContain('"4"');
    },
  );
});

describe("an event stream without versions", () => {
  it("ends with an id, and responds with 204 to a client that reconnects with it", async () => {
    plain.upstream.script = yielding(4, 5);
    const first = await watch(undefined, "text/event-stream", plain);
    expect(withoutHeartbeats(first.text)).toMatch(/^retry: \d+\n\ndata: .*\n\ndata: .*\n\nid: end\n\n$/);
    expect((await watch("end", "text/event-stream", plain)).status).toBe(204);
    expect(ids((await watch("4", "text/event-stream", plain)).text)).toEqual(["end"]);
  });

  it("that fails has no such id", async () => {
    plain.upstream.script = async function* () {
      yield { copies: 4 };
      throw { code: 14, details: "away" };
    };
    expect(ids((await watch(undefined, "text/event-stream", plain)).text)).toEqual([]);
  });
});
