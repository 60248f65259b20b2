import type { ServerResponse } from "node:http";
import { type ClientOptions, createClient, type StreamOptions } from "@kontor/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { json, startServer, type TestServer } from "./server.ts";

interface Calls {
  readonly orders: Record<
    "watch" | "tail",
    (request: object, options?: StreamOptions) => AsyncGenerator<{ n: number }>
  >;
}
const api = {
  orders: {
    watch: { http: "GET /orders/{id}:watch", guarded: true, safe: true, stream: true },
    tail: { http: "POST /tail", body: "*", stream: true },
  },
};
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(() => server.received.splice(0));
afterAll(() => server.stop());

const watch = (options: ClientOptions = {}, own: StreamOptions = {}) =>
  createClient<Calls>(api, { url: server.url, ...options }).orders.watch({ id: "1" }, own);
async function read(messages: AsyncIterable<{ n: number }>) {
  const seen: (number | string)[] = [];
  try {
    for await (const { n } of messages) seen.push(n);
  } catch (error) {
    seen.push(error instanceof Error && "reason" in error ? String(error.reason) : String(error));
  }
  return seen;
}
const begin = (response: ServerResponse) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write("retry: 10\n\n");
};
const event = (n: number) => `id: ${n}\ndata: {"n":${n}}\n\n`;
/** Sends what a script says, and cuts the connection. */
const scripted =
  (...script: string[][]): TestServer["respond"] =>
  (_, response, index) => {
    const texts = script[index];
    if (texts === undefined) return response.writeHead(204).end();
    begin(response);
    for (const each of texts) response.write(each);
    setTimeout(() => response.destroy(), 20);
  };
const lastIds = () => server.received.map(({ headers }) => headers["last-event-id"]);

describe("a stream whose connection is cut", () => {
  it("continues after the last event, also when it is cut before the first one, twice in a row", async () => {
    server.respond = scripted([], [event(1), event(2)], [], [], [event(3)]);
    expect(await read(watch())).toEqual([1, 2, 3]);
    expect(lastIds()).toEqual([undefined, undefined, "2", "2", "2", "3"]);
  });

  it("keeps the id that it was opened with until there is another", async () => {
    server.respond = scripted([], [event(8)]);
    expect(await read(watch({}, { lastEventId: "7" }))).toEqual([8]);
    expect(lastIds()).toEqual(["7", "7", "8"]);
  });

  it("drops half of an event, and receives it whole", async () => {
    server.respond = scripted([event(1), 'id: 2\ndata: {"n"'], [event(2)]);
    expect(await read(watch())).toEqual([1, 2]);
  });

  it("has a token that is valid for each connection", async () => {
    let token = 0;
    server.respond = ({ headers }, response, index) => {
      if (headers.authorization !== `Bearer t${token}`) return json(response, 401, { reason: "TOKEN_EXPIRED" });
      if (index > 3) return response.writeHead(204).end();
      begin(response);
      response.write(event(index + 1));
      setTimeout(() => response.destroy(), 20);
      token++;
    };
    const tokens = { token: () => "t0", renew: async () => `t${token}` };
    expect((await read(watch({ tokens }))).length).toBeGreaterThan(1);
  });

  it("fails if its events have no ids: it would receive them again", async () => {
    server.respond = scripted(['data: {"n":1}\n\n']);
    expect(await read(watch())).toEqual([1, "NETWORK_ERROR"]);
  });

  it("is not opened again if the RPC may not be repeated", async () => {
    server.respond = scripted([]);
    expect(await read(createClient<Calls>(api, { url: server.url }).orders.tail({}))).toEqual(["NETWORK_ERROR"]);
    expect(server.received).toHaveLength(1);
  });

  it("fails when it could not be opened so often", async () => {
    server.respond = (_, response) => response.destroy();
    expect(await read(watch({}, { retries: 1 }))).toEqual(["NETWORK_ERROR"]);
  }, 20_000);
});

describe("a stream", () => {
  it("ends with its problem", async () => {
    server.respond = scripted([event(1), 'event: problem\ndata: {"status":404,"reason":"ORDER_NOT_FOUND"}\n\n']);
    expect(await read(watch())).toEqual([1, "ORDER_NOT_FOUND"]);
  });

  it("ends with the id that the edge gives to the end", async () => {
    server.respond = (_, response) => {
      begin(response);
      response.end('data: {"n":1}\n\nid: end\n\n');
    };
    expect(await read(watch())).toEqual([1]);
    expect(server.received).toHaveLength(1);
  });

  it("is opened again when nothing arrives, not even a heartbeat", async () => {
    server.respond = (_, response, index) => {
      if (index > 1) return response.writeHead(204).end();
      begin(response);
      if (index === 1) response.end(event(1));
    };
    expect(await read(watch({}, { silenceMs: 100 }))).toEqual([1]);
  });

  it("closes its connection when the loop is left", async () => {
    let isClosed = false;
    server.respond = (_, response) => {
      begin(response);
      response.write(event(1));
      response.on("close", () => {
        isClosed = true;
      });
    };
    for await (const { n } of watch()) if (n === 1) break;
    await expect.poll(() => isClosed).toBe(true);
  });

  it("is read from NDJSON, too, in pieces of any size", async () => {
    server.respond = (_, response) => {
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      for (const byte of Buffer.from('{"n":1}\n{"n":2}\n{"error":{"code":"UNAVAILABLE","status":503,"reason":"X"}}\n'))
        response.write(Buffer.of(byte));
      response.end();
    };
    const headers = { accept: "application/x-ndjson" };
    expect(await read(watch({}, { headers, retries: 0 }))).toEqual([1, 2, "X"]);
  });
});
