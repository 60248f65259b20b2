import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer as createNode, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, createServer as createTls, type TlsOptions } from "node:tls";
import { createCertificates, noOpenSsl } from "@kontor/testing";
import { afterEach, describe, expect, it } from "vitest";
import { openClient } from "../../test/calls.ts";
import { createEchoServer } from "../../test/echo-server.ts";
import { ECHO, frame, grpcMessage, type RawPeer, settings, startRawServer, uint32 } from "../../test/raw-peer.ts";
import { ERROR, FLAG, FRAME, SETTING } from "../protocol.ts";

const running: (() => void)[] = [];
afterEach(() => {
  for (const stop of running.splice(0)) stop();
});

const message = Buffer.from("abc");
const head = [":status", "200", "content-type", "application/grpc"];
const done = ["grpc-status", "0"];

/** Starts a server with the request handler of a test, which runs once the head has arrived. */
async function startRaw(onRequest: (peer: RawPeer, stream: number, count: number) => void, own = settings()) {
  const server = await startRawServer((peer) => {
    peer.send(own);
    let known = 0;
    void peer
      .until(() => {
        const requests = peer.of(FRAME.headers);
        for (const { stream } of requests.slice(known)) onRequest(peer, stream, ++known);
        return false;
      })
      .catch(() => {});
  });
  running.push(server.stop);
  return server.port;
}

async function open(port: number, options: Parameters<typeof openClient>[1] = {}) {
  const client = await openClient(port, options);
  running.push(() => client.connection.link.destroy());
  return client;
}

async function startNode(respond: (stream: ServerHttp2Stream) => void): Promise<[number, Http2Server]> {
  const server = createNode({ maxSessionMemory: 1_000 });
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => {});
    respond(stream);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session.on("error", () => {})));
  running.push(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return [(server.address() as AddressInfo).port, server];
}

const respondWith = (body: Uint8Array) => (stream: ServerHttp2Stream) => {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(grpcMessage(body));
};

describe("a call", () => {
  it.each([0, 1, 100, 16_379, 16_380, 100_000, 3_000_000])("of %i bytes returns from an echo", async (size) => {
    const server = createEchoServer();
    running.push(() => server.destroy());
    const { call } = await open(await server.listen("127.0.0.1", 0));
    const body = Buffer.alloc(size, "0123456789");
    expect((await call(body)).message?.equals(body)).toBe(true);
    await Promise.all(
      Array.from({ length: 20 }, async () => expect((await call(body)).message?.equals(body)).toBe(true)),
    );
  });

  it.each([10, 5_000_000])("of node:http2 with %i bytes arrives", async (size) => {
    const body = Buffer.alloc(size, "0123456789");
    const [port] = await startNode(respondWith(body));
    const { call } = await open(port);
    expect((await call(message)).message?.equals(body)).toBe(true);
  });

  it("keeps its credit after many that were cancelled in the middle of their responses", async () => {
    const body = Buffer.alloc(100_000);
    const [port] = await startNode(respondWith(body));
    const { call, connection } = await open(port);
    for (let round = 0; round < 10; round++)
      await Promise.all(Array.from({ length: 90 }, () => call(message, ECHO, (cancel) => setTimeout(cancel, 2))));
    expect((await call(message)).message).toHaveLength(body.length);
    expect(connection.isLost).toBe(false);
  });

  it("keeps its credit after DATA behind trailers and behind RST_STREAM", async () => {
    const port = await startRaw((peer, stream) => {
      const chunk = frame(FRAME.data, 0, stream, Buffer.alloc(16_384));
      peer.send(peer.headers(stream, [...head, ...done], FLAG.endStream), chunk, chunk);
      peer.send(frame(FRAME.reset, 0, stream, uint32(ERROR.none)), chunk);
    });
    const { call, connection } = await open(port);
    for (let n = 0; n < 600; n++) expect((await call(message)).head).toEqual([...head, ...done]);
    expect(connection.link.failure).toBeUndefined();
  });

  it("has the status that arrived first", async () => {
    const port = await startRaw((peer, stream) =>
      peer.send(
        peer.headers(stream, [...head, "grpc-status", "16"], FLAG.endStream),
        frame(FRAME.reset, 0, stream, uint32(ERROR.cancel)),
      ),
    );
    const { call } = await open(port);
    const large = Buffer.alloc(4 * 2 ** 20);
    for (let n = 0; n < 20; n++) expect((await call(large)).head).toContain("16");
  });

  it.each([
    ["RST_STREAM with NO_ERROR", ERROR.none, false],
    ["RST_STREAM with REFUSED_STREAM", ERROR.refusedStream, true],
  ])("fails by %s without a status", async (_, code, unprocessed) => {
    const port = await startRaw((peer, stream) => peer.send(frame(FRAME.reset, 0, stream, uint32(code))));
    const { call } = await open(port);
    expect(await call(message)).toEqual({ end: { code, unprocessed }, began: false });
  });

  it("that is cut off before its end reports that the message is truncated", async () => {
    const port = await startRaw((peer, stream) =>
      peer.send(
        peer.headers(stream, head),
        frame(FRAME.data, 0, stream, grpcMessage(Buffer.alloc(9)).subarray(0, 10)),
        peer.headers(stream, done, FLAG.endStream),
      ),
    );
    const { call } = await open(port);
    expect(await call(message)).toMatchObject({ isTruncated: true, message: undefined, trailers: done });
  });

  it("is complete with any division into frames, padding and reads", async () => {
    const port = await startRaw(async (peer, stream) => {
      const body = grpcMessage(Buffer.from("0123456789".repeat(50)));
      const block = peer.headers(stream, [...head, "x-long", "v".repeat(500)]).subarray(9);
      const bytes = [
        frame(FRAME.headers, 0, stream, block.subarray(0, 7)),
        frame(FRAME.continuation, 0, stream, block.subarray(7, 9)),
      ];
      bytes.push(frame(FRAME.continuation, FLAG.endHeaders, stream, block.subarray(9)));
      for (let at = 0; at < body.length; at += 3) {
        const padded = Buffer.concat([Buffer.from([9]), body.subarray(at, at + 3), Buffer.alloc(9)]);
        bytes.push(frame(FRAME.data, FLAG.padded, stream, padded));
      }
      const all = Buffer.concat([...bytes, peer.headers(stream, done, FLAG.endStream)]);
      for (let at = 0; at < all.length; at += 997) {
        peer.send(all.subarray(at, at + 997));
        await new Promise(setImmediate);
      }
    });
    const { call } = await open(port);
    for (let n = 0; n < 3; n++) expect(String((await call(message)).message)).toBe("0123456789".repeat(50));
  });

  it.each([
    ["without a status", (p: RawPeer, s: number) => p.headers(s, ["content-type", "application/grpc"])],
    ["with upper case", (_: RawPeer, s: number) => frame(FRAME.headers, 4, s, Buffer.from("880001580161", "hex"))],
    ["with DATA first", (_: RawPeer, s: number) => frame(FRAME.data, 0, s, Buffer.alloc(9))],
    ["with a second head", (p: RawPeer, s: number) => Buffer.concat([p.headers(s, head), p.headers(s, head)])],
  ])("%s ends with PROTOCOL_ERROR, and its connection lives", async (_, answer) => {
    const port = await startRaw((peer, stream, count) =>
      peer.send(count === 1 ? answer(peer, stream) : peer.headers(stream, [...head, ...done], FLAG.endStream)),
    );
    const { call } = await open(port);
    expect((await call(message)).end).toEqual({ code: ERROR.protocol, unprocessed: false });
    expect((await call(message)).head).toContain("0");
  });
});

describe("a peer that goes away", () => {
  it("leaves calls alone at its first GOAWAY, and gives back those above the second", async () => {
    const port = await startRaw((peer, _stream, count) => {
      if (count < 3) return;
      peer.send(frame(FRAME.goaway, 0, 0, Buffer.concat([uint32(2 ** 31 - 1), uint32(0)])));
      peer.send(frame(FRAME.goaway, 0, 0, Buffer.concat([uint32(3), uint32(0)])));
      for (const stream of [1, 3]) peer.send(peer.headers(stream, [...head, ...done], FLAG.endStream));
    });
    const { call, lost, connection } = await open(port);
    const calls = [call(message), call(message), call(message)];
    expect(await calls[2]).toEqual({ end: { code: undefined, unprocessed: true }, began: false });
    expect((await calls[0])?.head).toContain("0");
    expect((await calls[1])?.head).toContain("0");
    expect(await lost).toMatchObject({ calm: false });
    expect(connection.isLost).toBe(true);
  });

  it("without GOAWAY proves nothing about calls", async () => {
    const port = await startRaw((peer) => peer.socket.destroy());
    const { call } = await open(port);
    expect(await call(message)).toEqual({ end: { code: undefined, unprocessed: false }, began: false });
  });

  it("for too many pings is recognised", async () => {
    const port = await startRaw((peer) =>
      peer.send(frame(FRAME.goaway, 0, 0, Buffer.concat([uint32(0), uint32(ERROR.enhanceYourCalm)]))),
    );
    const { call, lost } = await open(port);
    await call(message);
    expect(await lost).toMatchObject({ calm: true });
  });

  it("silently is noticed by a ping", async () => {
    const server = await startRawServer((peer) => peer.send(settings()));
    running.push(server.stop);
    const { call, lost } = await open(server.port, { keepAliveMs: 20, keepAliveTimeoutMs: 50 });
    expect((await call(message)).end).toEqual({ code: undefined, unprocessed: false });
    expect((await lost).cause?.message).toContain("ping");
  });
});

describe("a connection", () => {
  it("ends well before the ids of its streams do, and fails no call", async () => {
    const server = createEchoServer();
    running.push(() => server.destroy());
    const port = await server.listen("127.0.0.1", 0);
    const { call, connection } = await open(port, { firstStream: 2 ** 31 - 301 });
    const calls: Promise<unknown>[] = [];
    while (!connection.isLost) calls.push(call(message));
    expect(calls).toHaveLength(101);
    for (const each of await Promise.all(calls)) expect(each).toMatchObject({ trailers: done });
  });

  it.each([
    ["a push", frame(FRAME.pushPromise, 4, 1, uint32(2)), ERROR.protocol],
    ["a stream of the server", frame(FRAME.headers, 4, 2, Buffer.from([0x88])), ERROR.protocol],
    ["a frame that is too large", frame(FRAME.data, 0, 1, Buffer.alloc(16_385)), ERROR.frameSize],
    ["a window that overflows by a setting", settings([SETTING.initialWindowSize, 2 ** 31]), ERROR.flowControl],
    ["a block that is not HPACK", frame(FRAME.headers, 4, 1, Buffer.from([0x80])), ERROR.compression],
  ])("ends by %s, and its calls with it", async (_, bytes, code) => {
    let server: RawPeer | undefined;
    const port = await startRaw((peer) => {
      server = peer;
      peer.send(bytes);
    });
    const { call } = await open(port);
    expect((await call(message)).end).toEqual({ code: undefined, unprocessed: false });
    expect(await server?.goaway()).toBe(code);
  });
});

describe.skipIf(noOpenSsl)("a connection with TLS", () => {
  const paths = noOpenSsl ? undefined : createCertificates(mkdtempSync(join(tmpdir(), "kontor-http2-")));
  const read = (name: "ca" | "cert" | "key") => readFileSync(paths?.[name] ?? "");
  const tls = () => ({ host: "localhost", tls: { ca: read("ca") } });
  const own = () => ({ cert: read("cert"), key: read("key") });

  it("makes calls", async () => {
    const server = createEchoServer({ tls: own() });
    running.push(() => server.destroy());
    const { call } = await open(await server.listen("127.0.0.1", 0), tls());
    for (const size of [3, 500_000]) expect((await call(Buffer.alloc(size, 1))).message).toEqual(Buffer.alloc(size, 1));
  });

  it.each([
    ["offers http/1.1 only", ["http/1.1"]],
    ["offers no protocol", undefined],
  ])("is refused by our server when the client %s", async (_, protocols) => {
    const server = createEchoServer({ tls: own() });
    running.push(() => server.destroy());
    const port = await server.listen("127.0.0.1", 0);
    const socket = connectTls({
      port,
      servername: "localhost",
      ca: read("ca"),
      ...(protocols && { ALPNProtocols: protocols }),
    });
    await new Promise((resolve) =>
      socket
        .on("error", () => {})
        .resume()
        .once("close", resolve),
    );
  });

  it.each<[string, TlsOptions]>([
    ["http/1.1 only", { ALPNProtocols: ["http/1.1"] }],
    ["no protocol", {}],
  ])("refuses a server that selects %s", async (_, options) => {
    const server = createTls({ ...own(), ...options }, (socket) => socket.on("error", () => {}).resume());
    server.on("tlsClientError", () => {});
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    running.push(() => server.close());
    await expect(openClient((server.address() as AddressInfo).port, tls())).rejects.toThrow(/ALPN|protocol/i);
  });
});
