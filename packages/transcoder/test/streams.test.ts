import { get } from "node:http";
import type { JsonValue } from "@bufbuild/protobuf";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTranscoder } from "../src/transcoder.ts";
import { type Edge, startEdge } from "./edge.ts";
import { descriptors } from "./library.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ limits: { heartbeatMs: 50 } });
});
beforeEach(() => {
  edge.upstream.seen.splice(0);
  edge.upstream.cancelled.splice(0);
});
afterAll(() => edge.stop());

const ndjson = { headers: { Accept: "application/x-ndjson" } };
const sse = { headers: { Accept: "text/event-stream" } };
const watch = (sent = {}) => edge.send("GET", "/v1/books:watch", sent);

function streaming(make: () => AsyncGenerator<JsonValue>): void {
  edge.upstream.script = make;
}

async function* books(...ids: string[]): AsyncGenerator<JsonValue> {
  for (const id of ids) yield { id };
}

describe("a server stream", () => {
  it("is a JSON array by default", async () => {
    streaming(() => books("1", "2"));
    const answer = await watch();
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(answer.json).toMatchObject([{ id: "1" }, { id: "2" }]);
    streaming(() => books());
    expect((await watch()).json).toEqual([]);
  });

  it("is one object per line as NDJSON", async () => {
    streaming(() => books("1", "2"));
    const answer = await watch(ndjson);
    expect(answer.headers["content-type"]).toBe("application/x-ndjson; charset=utf-8");
    expect(
      answer.text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).id),
    ).toEqual(["1", "2"]);
  });

  it("is one event per message as SSE", async () => {
    streaming(() => books("1", "2"));
    const answer = await watch({ headers: { Accept: "application/json;q=0.5, text/event-stream" } });
    expect(answer.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    expect(answer.text.match(/^data: \{"id":"\d"/gm)).toHaveLength(2);
  });

  it("that fails before its first message is an HTTP error", async () => {
    // biome-ignore lint/correctness/useYield: it fails before it yields
    streaming(async function* () {
      throw { code: 5, details: "gone" };
    });
    const answer = await watch(sse);
    expect(answer.status).toBe(404);
    expect(answer.json.code).toBe("NOT_FOUND");
  });

  it.each([
    ["NDJSON", ndjson, /\{"error":\{.*"code":"ABORTED".*\}\}\n$/],
    ["SSE", sse, /event: problem\ndata: \{.*"code":"ABORTED".*\}\n\n$/],
    ["an array", {}, /\{"error":\{.*"code":"ABORTED".*\}\}$/],
  ])("that fails later reports it in-band as %s, and never ends like a complete one", async (_, sent, tail) => {
    streaming(async function* () {
      yield { id: "1" };
      throw { code: 10, details: "conflict" };
    });
    const answer = await watch(sent);
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(tail);
    if (sent !== ndjson) expect(answer.json).toBeUndefined();
  });

  it("sends heartbeats while it is silent, before its first message, too", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    streaming(async function* () {
      await promise;
      yield { id: "1" };
    });
    const text = await new Promise<string>((done, fail) => {
      let received = "";
      get(
        { port: edge.port, path: "/v1/books:watch", headers: { accept: "text/event-stream" }, agent: false },
        (response) => {
          response.on("data", (chunk: Buffer) => {
            received += chunk;
            if (received.endsWith(":\n\n:\n\n")) resolve();
          });
          response.on("end", () => done(received));
        },
      ).on("error", fail);
    });
    expect(text).toMatch(/^retry: \d+\n\n(:\n\n){2,}data: /);
  });

  it("has a heartbeat every 15 s by default", () => {
    const { limits } = createTranscoder({ descriptors, invoke: edge.upstream.invoke });
    expect(limits.heartbeatMs).toBeLessThanOrEqual(15_000);
  });

  it("is cancelled upstream when the client goes away", async () => {
    streaming(async function* () {
      for (let i = 0; ; i++) {
        yield { id: String(i) };
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    });
    await new Promise<void>((resolve, reject) => {
      const request = get({ port: edge.port, path: "/v1/books:watch", agent: false }, (response) => {
        response.once("data", () => {
          request.destroy();
          resolve();
        });
        response.on("error", () => {});
      });
      request.on("error", reject);
    });
    await expect.poll(() => edge.upstream.cancelled, { timeout: 1000 }).toEqual(["WatchBooks"]);
  });

  it("waits for slow readers", async () => {
    let sent = 0;
    const title = "x".repeat(64 * 1024);
    streaming(async function* () {
      for (; sent < 2000; sent++) yield { id: String(sent), title };
    });
    const request = get({ port: edge.port, path: "/v1/books:watch", headers: ndjson.headers, agent: false });
    const response = await new Promise<import("node:http").IncomingMessage>((resolve) =>
      request.on("response", resolve),
    );
    response.pause();
    let before = -1;
    const stalled = () => {
      const same = sent === before;
      before = sent;
      return same;
    };
    await expect.poll(stalled, { interval: 300, timeout: 10_000 }).toBe(true);
    expect(sent).toBeLessThan(1000);
    response.on("error", () => {});
    request.destroy();
  });
});
