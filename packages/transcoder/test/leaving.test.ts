import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Edge, startEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
beforeEach(() => {
  edge.upstream.cancelled.splice(0);
  edge.upstream.seen.splice(0);
});
afterAll(() => edge.stop());

const within3s = { timeout: 3_000 };
const leaves: [string, (socket: Socket) => void][] = [
  ["closes", (socket) => socket.destroy()],
  ["resets", (socket) => socket.resetAndDestroy()],
  ["sends its end", (socket) => socket.end()],
];
const silent = async function* () {
  yield { id: "1", title: "x".repeat(100) };
  await new Promise(() => {});
};
const endless = async function* () {
  for (;;) yield { id: "1", title: "x".repeat(100_000) };
};
const slow = async function* () {
  for (;;) {
    yield { id: "1", title: "x".repeat(100) };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

describe.each(leaves)("a client that %s", (_, leave) => {
  it.each([
    ["silent", silent],
    ["slow", slow],
    ["endless", endless],
  ])("after half of a %s response cancels the upstream within 3 s", async (_, script) => {
    edge.upstream.script = script;
    const socket = connect(edge.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET /v1/books:watch HTTP/1.1\r\nHost: x\r\nAccept: application/x-ndjson\r\n\r\n");
    await once(socket, "data");
    socket.pause();
    leave(socket);
    await expect.poll(() => edge.upstream.cancelled, within3s).toEqual(["WatchBooks"]);
    socket.destroy();
  });

  it("while its unary call runs cancels the upstream within 3 s", async () => {
    edge.upstream.script = () => new Promise(() => {});
    const socket = connect(edge.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET /v1/books/1 HTTP/1.1\r\nHost: x\r\n\r\n");
    await expect.poll(() => edge.upstream.seen).toHaveLength(1);
    leave(socket);
    await expect.poll(() => edge.upstream.cancelled, within3s).toEqual(["GetBook"]);
    socket.destroy();
  });

  it("after half of its own body cancels the upstream within 3 s", async () => {
    edge.upstream.script = async () => ({});
    const socket = connect(edge.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(
      "POST /v1/books:import HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    socket.write("3\r\n{}\n\r\n");
    await expect.poll(() => edge.upstream.seen).toHaveLength(1);
    leave(socket);
    await expect.poll(() => edge.upstream.cancelled, within3s).toEqual(["ImportBooks"]);
    socket.destroy();
  });
});
