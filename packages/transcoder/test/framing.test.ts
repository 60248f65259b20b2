import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Edge, startEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
beforeEach(() => edge.upstream.seen.splice(0));
afterAll(() => edge.stop());

/** Sends a head and then, in separate writes, the rest; resolves to the responses on the connection. */
async function exchange(head: string, ...rest: string[]): Promise<string> {
  const socket = connect(edge.port, "127.0.0.1").setNoDelay();
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk;
  });
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()).on("error", () => {}));
  for (const part of [`${head}Host: x\r\n\r\n`, ...rest])
    await new Promise<void>((resolve) => socket.write(part, () => setImmediate(resolve)));
  await closed;
  return received;
}
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

const chunked = "Transfer-Encoding: chunked\r\n";
const last = "GET /v1/books/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

describe("a request without content is one without a body, however it is framed", () => {
  it.each([
    ["GET", "GET /v1/books/1 HTTP/1.1\r\n"],
    ["GET with a Content-Type", "GET /v1/books/1 HTTP/1.1\r\nContent-Type: application/json\r\n"],
    ["GET with another Content-Type", "GET /v1/books/1 HTTP/1.1\r\nContent-Type: text/plain\r\n"],
    ["POST", "POST /v1/loans/7:cancel HTTP/1.1\r\n"],
    ["POST with a Content-Type", "POST /v1/loans/7:cancel HTTP/1.1\r\nContent-Type: application/json\r\n"],
    ["POST with another Content-Type", "POST /v1/loans/7:cancel HTTP/1.1\r\nContent-Type: text/plain\r\n"],
    ["POST with an encoding", "POST /v1/loans/7:cancel HTTP/1.1\r\nContent-Encoding: gzip\r\n"],
    ["a stream of messages", "POST /v1/books:import HTTP/1.1\r\n"],
    ["GET that waits for 100", "GET /v1/books/1 HTTP/1.1\r\nExpect: 100-continue\r\n"],
    ["POST without a Content-Type that waits for 100", "POST /v1/loans/7:cancel HTTP/1.1\r\nExpect: 100-continue\r\n"],
    [
      "POST that waits for 100",
      "POST /v1/loans/7:cancel HTTP/1.1\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n",
    ],
  ])("%s", async (_, head) => {
    const framings: [string, string][] = [
      [chunked, "0\r\n\r\n"],
      [chunked, "0;a=b\r\nTrailer: x\r\n\r\n"],
      ["Content-Length: 0\r\n", ""],
      ["Content-Length: 00\r\n", ""],
    ];
    for (const [framing, body] of framings) {
      const [atOnce, later] = [await exchange(head + framing, body + last), await exchange(head + framing, body, last)];
      for (const text of [atOnce, later]) expect(statuses(text).filter((status) => status !== 100)).toEqual([200, 200]);
    }
    expect(edge.upstream.seen.length).toBeGreaterThanOrEqual(4);
  });
});

describe("a request with content is one with a body, however it is framed", () => {
  it.each([
    ["GET", "GET /v1/books/1 HTTP/1.1\r\n", 400, "BODY_NOT_ALLOWED"],
    ["POST without a Content-Type", "POST /v1/loans/7:cancel HTTP/1.1\r\n", 415, "UNSUPPORTED_MEDIA_TYPE"],
  ])("%s", async (_, head, status, reason) => {
    for (const [framing, body] of [
      [chunked, "2\r\n{}\r\n0\r\n\r\n"],
      ["Content-Length: 2\r\n", "{}"],
    ] as const) {
      const text = await exchange(`${head}Connection: close\r\n${framing}`, body);
      expect(statuses(text)).toEqual([status]);
      expect(text).toContain(reason);
    }
    expect(edge.upstream.seen).toEqual([]);
  });

  it.each([
    ["GET", "GET /v1/books/1 HTTP/1.1\r\n", 400],
    ["POST without a Content-Type", "POST /v1/loans/7:cancel HTTP/1.1\r\n", 415],
  ])("%s that waits for 100", async (_, head, status) => {
    const text = await exchange(
      `${head}Expect: 100-continue\r\nConnection: close\r\n${chunked}`,
      "2\r\n{}\r\n0\r\n\r\n",
    );
    expect(statuses(text)).toEqual([100, status]);
    expect(edge.upstream.seen).toEqual([]);
  });

  it("is read whole when it begins after its head", async () => {
    const head = "PUT /v1/books/1 HTTP/1.1\r\nContent-Type: application/json\r\nConnection: close\r\n";
    const text = await exchange(head + chunked, '9\r\n{"title":\r\n', '4\r\n"x"}\r\n', "0\r\n\r\n");
    expect(statuses(text)).toEqual([200]);
    expect(edge.upstream.seen).toEqual([{ rpc: expect.any(String), request: { id: "1", title: "x" } }]);
  });
});
