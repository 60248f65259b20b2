import { once } from "node:events";
import { connect as connectNode } from "node:http2";
import { connect as connectTcp } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createEchoServer } from "../../test/echo-server.ts";
import { ECHO, frame, grpcMessage, RawPeer, settings, uint32 } from "../../test/raw-peer.ts";
import { ERROR, FLAG, FRAME, PREFACE, SETTING } from "../protocol.ts";
import { createHttp2Server, type Http2Server, type Http2ServerOptions } from "./create-http2-server.ts";
import type { OnRequest } from "./server-connection.ts";
import type { ServerStream } from "./server-stream.ts";

const running: (() => void)[] = [];
afterEach(() => {
  for (const stop of running.splice(0)) stop();
});

async function listen(server: Http2Server): Promise<number> {
  running.push(() => {
    void server.drain();
    server.destroy();
  });
  return await server.listen("127.0.0.1", 0);
}

const limits = { maxConcurrentStreams: 100, maxMessageBytes: 2 ** 22, keepAliveMs: 30_000, keepAliveTimeoutMs: 5_000 };

/** Starts a server that records its requests and never responds. */
async function startSilent(options: Partial<Http2ServerOptions> = {}, onRequest: OnRequest = () => {}) {
  const streams: ServerStream[] = [];
  let cancelled = 0;
  const server = createHttp2Server({ ...limits, ...options }, (stream) => {
    streams.push(stream);
    stream.receive({ onMessage() {}, onEnd() {}, onProblem() {}, onCancelled: () => cancelled++ });
    onRequest(stream);
  });
  return { port: await listen(server), streams, server, cancelled: () => cancelled };
}

async function connect(port: number, own?: Buffer): Promise<RawPeer> {
  const peer = await RawPeer.connect(port, own);
  running.push(() => peer.socket.destroy());
  return peer;
}

const data = (stream: number, payload: Uint8Array, flags: number = FLAG.endStream) =>
  frame(FRAME.data, flags, stream, payload);
const windowUpdate = (stream: number, by: number) => frame(FRAME.windowUpdate, 0, stream, uint32(by));
const isOver = (peer: RawPeer, stream: number) => () => peer.of(FRAME.headers, stream).length === 2;

describe("the windows of a response", () => {
  it("may fall below zero and grow by a setting alone, and no byte is sent above them", async () => {
    const peer = await connect(await listen(createEchoServer()), settings([SETTING.initialWindowSize, 16_384]));
    const body = grpcMessage(Buffer.alloc(200_000, "0123456789"));
    peer.send(windowUpdate(0, 1_000_000), peer.headers(1, ECHO));
    for (let at = 0; at < body.length; at += 16_384) {
      const isLast = at + 16_384 >= body.length;
      peer.send(data(1, body.subarray(at, at + 16_384), isLast ? FLAG.endStream : 0));
    }
    await peer.until(() => peer.dataOf(1).length === 16_384);
    const acked = async (size: number) => {
      const acks = peer.of(FRAME.settings).length;
      peer.send(settings([SETTING.initialWindowSize, size]));
      await peer.until(() => peer.of(FRAME.settings).length > acks);
    };
    await acked(0); // The window is -16,384.
    peer.send(windowUpdate(1, 16_384)); // Now 0.
    await acked(1);
    await peer.until(() => peer.dataOf(1).length === 16_385);
    await acked(1);
    expect(peer.dataOf(1)).toHaveLength(16_385);
    await acked(1_000_000);
    await peer.until(isOver(peer, 1));
    expect(peer.dataOf(1).equals(body)).toBe(true);
  });

  it("end the connection when they overflow, and the stream when its own does", async () => {
    const { port } = await startSilent();
    const first = await connect(port);
    first.send(windowUpdate(0, 2 ** 31 - 1));
    expect(await first.goaway()).toBe(ERROR.flowControl);
    const second = await connect(port);
    second.send(second.headers(1, ECHO), windowUpdate(1, 2 ** 31 - 1));
    await second.until(() => second.of(FRAME.reset, 1).length === 1);
    expect(second.of(FRAME.reset, 1)[0]?.payload.readUInt32BE()).toBe(ERROR.flowControl);
  });
});

describe("the bytes of a request", () => {
  it("give the connection credit also when they are not read", async () => {
    const { port } = await startSilent({ maxConcurrentStreams: 1 });
    const peer = await connect(port);
    peer.send(peer.headers(1, ECHO));
    const chunk = Buffer.alloc(16_384);
    // Streams above the limit are refused; later frames on them still count.
    for (let stream = 3; stream < 5_000; stream += 2) peer.send(peer.headers(stream, ECHO), data(stream, chunk));
    await peer.until(() => peer.of(FRAME.reset).length === 2_499);
    const credited = () => peer.of(FRAME.windowUpdate, 0).reduce((sum, { payload }) => sum + payload.readUInt32BE(), 0);
    await peer.until(() => credited() > 2_499 * 16_384);
    expect(peer.of(FRAME.goaway)).toEqual([]);
  });

  it("count with their padding", async () => {
    const peer = await connect(await listen(createEchoServer()));
    const padded = (bytes: Uint8Array, flags = 0) =>
      data(1, Buffer.concat([Buffer.from([255]), bytes, Buffer.alloc(255)]), FLAG.padded | flags);
    const body = grpcMessage(Buffer.alloc(80_000, 7));
    peer.send(peer.headers(1, ECHO));
    for (let at = 0; at < body.length; at++) peer.send(padded(body.subarray(at, at + 1)));
    peer.send(padded(Buffer.alloc(0), FLAG.endStream), windowUpdate(0, 100_000), windowUpdate(1, 100_000));
    await peer.until(isOver(peer, 1));
    expect(peer.dataOf(1).equals(body)).toBe(true);
    expect(peer.of(FRAME.windowUpdate, 0).length).toBeGreaterThan(1);
  });

  it.each([
    ["too large", grpcMessage(Buffer.alloc(9)), "8"],
    ["truncated", grpcMessage(Buffer.alloc(3)).subarray(0, 6), "13"],
    ["no frame of gRPC", Buffer.from([2, 0, 0, 0, 0]), "13"],
  ])("end in a status when the message is %s", async (_, body, status) => {
    const peer = await connect(await listen(createEchoServer({ maxMessageBytes: 8 })));
    peer.send(peer.headers(1, ECHO), data(1, body));
    await peer.until(() => peer.of(FRAME.headers, 1).length === 1);
    expect(peer.fieldsOf(1)).toContain(status);
  });

  it("that continue after the response are stopped by NO_ERROR, after the trailers", async () => {
    const { port } = await startSilent({}, (stream) => stream.end([":status", "200", "grpc-status", "16"]));
    const peer = await connect(port);
    peer.send(peer.headers(1, ECHO), data(1, Buffer.alloc(100), 0));
    await peer.until(() => peer.of(FRAME.reset, 1).length === 1);
    expect(peer.frames.filter(({ stream }) => stream === 1).map(({ type }) => type)).toEqual([
      FRAME.headers,
      FRAME.reset,
    ]);
    expect(peer.of(FRAME.reset, 1)[0]?.payload.readUInt32BE()).toBe(ERROR.none);
    peer.send(data(1, Buffer.alloc(100)), peer.headers(3, ECHO, FLAG.endStream));
    await peer.until(() => peer.of(FRAME.headers, 3).length === 1);
  });
});

describe("a client that costs and brings nothing", () => {
  it("that resets its requests at once is stopped, and its handlers occupy their slots until they end", async () => {
    const { port, streams } = await startSilent({ maxConcurrentStreams: 50 });
    const peer = await connect(port);
    for (let stream = 1; stream < 60_000 && !peer.socket.destroyed; stream += 2)
      peer.send(peer.headers(stream, ECHO), frame(FRAME.reset, 0, stream, uint32(ERROR.cancel)));
    expect(await peer.goaway()).toBe(ERROR.enhanceYourCalm);
    expect(streams).toHaveLength(50);
  });

  it("that makes the server reset its requests is stopped", async () => {
    const { port, streams } = await startSilent({ maxConcurrentStreams: 50 });
    const peer = await connect(port);
    for (let stream = 1; stream < 60_000; stream += 2) peer.send(peer.headers(stream, ECHO), windowUpdate(stream, 0));
    expect(await peer.goaway()).toBe(ERROR.enhanceYourCalm);
    expect(streams).toHaveLength(50);
  });

  it.each([
    ["SETTINGS", settings()],
    ["PING", frame(FRAME.ping, 0, 0, Buffer.alloc(8))],
    ["PRIORITY", frame(FRAME.priority, 0, 3, Buffer.alloc(5))],
    ["unknown frames", frame(99, 0, 0)],
    ["small WINDOW_UPDATE", windowUpdate(0, 1)],
    [
      "entries of SETTINGS",
      settings(...Array.from({ length: 99 }, (): [number, number] => [SETTING.initialWindowSize, 9])),
    ],
  ])("that floods %s is stopped, also when it does not read", async (_, flood) => {
    const { port } = await startSilent();
    const peer = await connect(port);
    peer.socket.pause();
    const closed = once(
      peer.socket.on("error", () => {}),
      "close",
    );
    const many = Buffer.concat(Array.from({ length: 1_000 }, () => flood));
    for (let round = 0; round < 100; round++) peer.send(many);
    setImmediate(() => peer.socket.resume());
    await closed;
  });

  it("is another one than a client that sends pings and small windows with its calls", async () => {
    const peer = await connect(await listen(createEchoServer()));
    const ping = frame(FRAME.ping, 0, 0, Buffer.alloc(8));
    const calls = 15_000;
    for (let stream = 1; stream < 2 * calls; stream += 2) {
      const echo = [peer.headers(stream, ECHO), data(stream, grpcMessage(Buffer.from("a")))];
      peer.send(...echo, ping, windowUpdate(0, 6), windowUpdate(stream, 6));
      if (stream % 101 === 0) await peer.until(() => peer.of(FRAME.headers, stream).length === 2);
    }
    await peer.until(isOver(peer, 2 * calls - 1));
    expect(peer.of(FRAME.goaway)).toEqual([]);
  });

  it.each([
    ["continues a header block in too many frames", (p: RawPeer) => continuations(p)],
    [
      "sends empty DATA",
      (p: RawPeer) => p.send(p.headers(1, ECHO), ...Array.from({ length: 12_000 }, () => data(1, Buffer.alloc(0), 0))),
    ],
  ])("that %s is stopped", async (_, attack) => {
    const { port } = await startSilent();
    const peer = await connect(port);
    attack(peer);
    expect(await peer.goaway()).toBe(ERROR.enhanceYourCalm);
  });

  function continuations(peer: RawPeer): void {
    const block = peer.headers(1, ECHO).subarray(9);
    peer.send(frame(FRAME.headers, 0, 1, block));
    for (let n = 0; n < 20; n++) peer.send(frame(FRAME.continuation, 0, 1));
  }
});

describe("the ids of streams", () => {
  it.each([
    ["even", 2, ERROR.protocol],
    ["left out before", 3, ERROR.protocol],
    ["used before", 5, ERROR.streamClosed],
  ])("end the connection when one is %s", async (_, id, code) => {
    const peer = await connect(await listen(createEchoServer()));
    peer.send(peer.headers(5, ECHO, FLAG.endStream));
    await peer.until(isOver(peer, 5));
    peer.send(peer.headers(id, ECHO, FLAG.endStream));
    expect(await peer.goaway()).toBe(code);
  });

  it("above the limit are refused, and their connection lives", async () => {
    const { port } = await startSilent({ maxConcurrentStreams: 1 });
    const peer = await connect(port);
    peer.send(peer.headers(1, ECHO), peer.headers(3, ECHO), data(3, grpcMessage(Buffer.alloc(9))));
    await peer.until(() => peer.of(FRAME.reset, 3).length === 1);
    expect(peer.of(FRAME.reset, 3)[0]?.payload.readUInt32BE()).toBe(ERROR.refusedStream);
    peer.send(frame(FRAME.ping, 0, 0, Buffer.alloc(8)));
    await peer.until(() => peer.of(FRAME.ping).length === 1);
  });
});

describe("the head of a request", () => {
  const without = (name: string) => ECHO.filter((_, at) => ECHO[at - (at % 2)] !== name);
  it.each([
    ["no path", without(":path")],
    ["no method", without(":method")],
    ["two methods", [":method", "POST", ...ECHO]],
    ["a pseudo field behind others", [...without(":authority"), ":authority", "a"]],
    ["a field of responses", [":status", "200", ...ECHO]],
    ["connection", [...ECHO, "connection", "close"]],
    ["transfer-encoding", [...ECHO, "transfer-encoding", "chunked"]],
    ["te other than trailers", [...without("te"), "te", "gzip"]],
    ["two hosts", [...ECHO, "host", "b"]],
    ["content-length above its body", [...ECHO, "content-length", "9"]],
  ])("ends its stream with PROTOCOL_ERROR when it has %s", async (_, fields) => {
    const peer = await connect(await listen(createEchoServer()));
    peer.send(peer.headers(1, fields, FLAG.endStream), peer.headers(3, ECHO, FLAG.endStream));
    await peer.until(isOver(peer, 3));
    expect(peer.of(FRAME.reset, 1)[0]?.payload.readUInt32BE()).toBe(ERROR.protocol);
  });

  it("that is too large leaves the connection usable, and the server responds to it", async () => {
    const { port, streams } = await startSilent();
    const peer = await connect(port);
    peer.send(peer.headers(1, [...ECHO, "x", "a".repeat(16_200)], FLAG.endStream), peer.headers(3, ECHO));
    await peer.until(() => streams.length === 2).catch(() => {});
    peer.send(frame(FRAME.ping, 0, 0, Buffer.alloc(8)));
    await peer.until(() => peer.of(FRAME.ping).length === 1);
    expect(streams.map(({ fieldsTooLarge }) => fieldsTooLarge)).toEqual([true, false]);
  });
});

describe("a server that drains", () => {
  it("begins requests that were sent before, finishes them, and then closes", async () => {
    const started: ServerStream[] = [];
    const { port, server } = await startSilent({}, (stream) => void started.push(stream));
    const peer = await connect(port);
    peer.send(peer.headers(1, ECHO, FLAG.endStream));
    peer.send(frame(FRAME.ping, 0, 0, Buffer.alloc(8)));
    await peer.until(() => peer.of(FRAME.ping).length === 1);
    const drained = server.drain();
    await peer.until(() => peer.of(FRAME.goaway).length === 1);
    expect(peer.of(FRAME.goaway)[0]?.payload.readUInt32BE()).toBe(2 ** 31 - 1);
    peer.send(peer.headers(3, ECHO, FLAG.endStream)); // It crosses the first GOAWAY.
    const ping = peer.of(FRAME.ping).at(-1);
    peer.send(frame(FRAME.ping, FLAG.ack, 0, ping?.payload ?? Buffer.alloc(8)));
    await peer.until(() => peer.of(FRAME.goaway).length === 2);
    expect(peer.of(FRAME.goaway)[1]?.payload.readUInt32BE()).toBe(3);
    peer.send(peer.headers(5, ECHO, FLAG.endStream)); // It comes too late, and was never processed.
    expect(started.map(({ id }) => id)).toEqual([1, 3]);
    for (const stream of started) stream.end([":status", "200", "grpc-status", "0"]);
    await drained;
    await peer.closed;
    expect(peer.of(FRAME.headers).map(({ stream }) => stream)).toEqual([1, 3]);
  });

  it("requests a new connection when one is old", async () => {
    const { port } = await startSilent({ maxConnectionAgeMs: 50 });
    const peer = await connect(port);
    expect(await peer.goaway()).toBe(ERROR.none);
  });
});

describe("a client of another kind", () => {
  it("that speaks HTTP/1 receives a GOAWAY that names the error", async () => {
    const { port } = await startSilent();
    const peer = new RawPeer(connectTcp(port, "127.0.0.1"), false);
    peer.send(Buffer.from("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
    expect(await peer.goaway()).toBe(ERROR.protocol);
  });

  it("that begins with another frame than SETTINGS is refused", async () => {
    const { port } = await startSilent();
    const peer = new RawPeer(connectTcp(port, "127.0.0.1"), false);
    peer.send(PREFACE, frame(FRAME.ping, 0, 0, Buffer.alloc(8)));
    expect(await peer.goaway()).toBe(ERROR.protocol);
  });

  it("of node:http2 may change the size of its table between calls", async () => {
    const session = connectNode(`http://127.0.0.1:${await listen(createEchoServer())}`);
    running.push(() => session.destroy());
    for (const headerTableSize of [4_096, 0, 256, 4_096, 0, 65_536]) {
      session.settings({ headerTableSize });
      await once(session, "localSettings");
      for (let n = 0; n < 3; n++) {
        const stream = session.request({ ":method": "POST", ":path": "/a/b", "content-type": "application/grpc" });
        stream.end(grpcMessage(Buffer.from(`${headerTableSize}`)));
        const [trailers] = await once(stream.resume(), "trailers");
        expect(trailers["grpc-status"]).toBe("0");
      }
    }
  });
});
