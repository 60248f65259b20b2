import { once } from "node:events";
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { deflateSync, gzipSync } from "node:zlib";
import { create, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { anyPack, DurationSchema } from "@bufbuild/protobuf/wkt";
import { StatusSchema } from "@kontor/contracts/google/rpc/status";
import { eventually } from "@kontor/testing";
import { afterEach, expect, it } from "vitest";
import { startUpstream, testContract, transport } from "../../../../test/testing.ts";
import { openUnaryChannel } from "../channel.ts";
import type { UnaryCall } from "../outgoing-call.ts";
import type { UnaryChannel } from "./queued-channel.ts";

const contract = testContract({ Get: {} });
const method = contract.method("Get");
const schema: DescMessage = method.output;

type Answering = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** A server of HTTP/2 with the handler of a test. */
interface Peer {
  readonly address: string;
  readonly sessions: Set<ServerHttp2Session>;
  readonly seen: { headers: IncomingHttpHeaders; stream: ServerHttp2Stream }[];
  answer: Answering;
  readonly server: Http2Server;
}

const running: (() => void)[] = [];
afterEach(() => {
  for (const stop of running.splice(0)) stop();
});

async function startPeer(answer: Answering = answering("a"), settings = {}): Promise<Peer> {
  const server = createServer({ settings });
  const peer: Peer = { address: "", sessions: new Set(), seen: [], answer, server };
  server.on("session", (session) => peer.sessions.add(session.on("close", () => peer.sessions.delete(session))));
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on("error", () => {});
    stream.resume();
    peer.seen.push({ headers, stream });
    peer.answer(stream, headers);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  running.push(() => {
    for (const session of peer.sessions) session.destroy();
    server.close();
  });
  return Object.assign(peer, { address: `127.0.0.1:${(server.address() as AddressInfo).port}` });
}

function open(address: string): UnaryChannel {
  const channel = openUnaryChannel(address, transport === "lean" ? "lean" : "http2");
  running.push(() => channel.close());
  return channel;
}

function call(channel: UnaryChannel, more: Partial<UnaryCall<Message>> = {}) {
  const message = create(schema, { name: "a" });
  const deadline = Date.now() + 10_000;
  const read = (bytes: Buffer) => fromBinary(schema, bytes);
  return channel.unary({ method, message, metadata: {}, deadline, read, ...more });
}

const head = { ":status": 200, "content-type": "application/grpc" };

function framed(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(5);
  length.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([length, bytes]);
}

function answering(name: string, trailers: Record<string, string | string[]> = { "grpc-status": "0" }): Answering {
  return (stream) => {
    if (stream.destroyed) return;
    stream.respond(head, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    stream.end(framed(toBinary(schema, create(schema, { name }))));
  };
}

it("sends the headers that gRPC requires, with metadata, and no metadata that gRPC reserves", async () => {
  const peer = await startPeer();
  const metadata = { "x-request-id": "r1", "trace-bin": "AAE", "grpc-timeout": "1S", te: "gzip", host: "elsewhere" };
  expect(await call(open(peer.address), { metadata })).toMatchObject({ name: "a" });
  expect(peer.seen[0]?.headers).toMatchObject({
    ...{ ":method": "POST", ":scheme": "http", ":path": "/test.v1.ThingService/Get", ":authority": peer.address },
    ...{ te: "trailers", "content-type": "application/grpc", "x-request-id": "r1", "trace-bin": "AAE" },
    "grpc-timeout": expect.stringMatching(/^(9\d{3}|10000)m$/),
  });
  expect(peer.seen[0]?.headers.host).toBeUndefined();
});

it("returns a status with its details and its retry delay, also for a response of trailers only", async () => {
  const peer = await startPeer((stream) => {
    const details = [anyPack(DurationSchema, create(DurationSchema, { seconds: 3n }))];
    const status = toBinary(StatusSchema, create(StatusSchema, { code: 14, message: "späté", details }));
    const trailers = {
      ...head,
      "grpc-status": "14",
      "grpc-message": "sp%C3%A4t%C3%A9",
      "grpc-status-details-bin": Buffer.from(status).toString("base64"),
      "grpc-retry-pushback-ms": "70",
    };
    stream.respond(trailers, { endStream: true });
  });
  await expect(call(open(peer.address))).rejects.toMatchObject({
    ...{ code: 14, message: "späté", answered: true, began: false, transport: false, pushBackMs: 70 },
    details: [{ typeUrl: "type.googleapis.com/google.protobuf.Duration" }],
  });
});

it.each([
  ["Stra%C3%9Fe%0A%F0%9F%98%80 100%25", "Straße\n😀 100%"],
  ["100% %zz %", "100% %zz %"],
  ["%FF ok", "\ufffd ok"],
])("decodes the text of a status byte by byte, and keeps malformed parts: %s", async (sent, text) => {
  const peer = await startPeer((stream) =>
    stream.respond({ ...head, "grpc-status": "9", "grpc-message": sent }, { endStream: true }),
  );
  await expect(call(open(peer.address))).rejects.toMatchObject({ code: 9, message: text });
});

it("sends no grpc-timeout for a call without a deadline, and waits for its response", async () => {
  const peer = await startPeer();
  await call(open(peer.address), { deadline: Number.POSITIVE_INFINITY });
  expect(peer.seen[0]?.headers["grpc-timeout"]).toBeUndefined();
});

it("reads a message that arrives in chunks of any size", async () => {
  const name = "n".repeat(100_000);
  const bytes = framed(toBinary(schema, create(schema, { name })));
  const peer = await startPeer(async (stream) => {
    stream.respond(head, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    for (const [from, to] of [
      [0, 1],
      [1, 4],
      [4, 5],
      [5, 6],
      [6, 70_000],
    ]) {
      await new Promise((resolve) => stream.write(bytes.subarray(from, to), resolve));
      await new Promise(setImmediate);
    }
    stream.end(bytes.subarray(70_000));
  });
  expect(await call(open(peer.address))).toMatchObject({ name });
});

it.each<[string, number, Buffer]>([
  ["is longer than it takes", 8, Buffer.from([0, 2, 0, 0, 0])],
  ["is compressed without an encoding", 13, Buffer.from([1, 0, 0, 0, 1, 0])],
  ["has an unknown flag", 13, Buffer.from([2, 0, 0, 0, 1, 0])],
  ["is two messages", 12, Buffer.alloc(10)],
  ["ends before its message does", 13, Buffer.from([0, 0, 0, 0, 9, 1])],
])("refuses a response that %s", async (_, code, body) => {
  const peer = await startPeer((stream) => {
    stream.respond(head, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(body);
  });
  await expect(call(open(peer.address))).rejects.toMatchObject({ code, transport: true, answered: false });
});

/** Responds with a compressed message, in chunks. */
function compressing(bytes: Uint8Array, encoding: string): Answering {
  return (stream) => {
    stream.respond({ ...head, "grpc-encoding": encoding }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    const frame = framed(bytes);
    frame[0] = 1;
    stream.write(frame.subarray(0, 3));
    stream.end(frame.subarray(3));
  };
}
const named = (name: string) => toBinary(schema, create(schema, { name }));

it.each([
  ["gzip", gzipSync],
  ["deflate", deflateSync],
] as const)("decodes a response that is compressed by %s, and announces that it does", async (encoding, compress) => {
  const peer = await startPeer(compressing(compress(named("a".repeat(100_000))), encoding));
  expect(await call(open(peer.address))).toMatchObject({ name: "a".repeat(100_000) });
  expect(peer.seen[0]?.headers["grpc-accept-encoding"]).toBe("identity,gzip,deflate");
});

it.each<[string, number, string, Uint8Array]>([
  ["in an encoding that it does not know", 12, "snappy", gzipSync(named("a"))],
  ["and broken", 13, "gzip", Buffer.from("not gzip")],
  ["and longer than it takes once it is decoded", 8, "gzip", gzipSync(Buffer.alloc(64 * 1024 * 1024))],
])("refuses a response that is compressed %s", async (_, code, encoding, bytes) => {
  const peer = await startPeer(compressing(bytes, encoding));
  await expect(call(open(peer.address))).rejects.toMatchObject({ code, transport: true, answered: false });
});

it("resets the stream of a call that is cancelled or whose deadline passes, and goes on", async () => {
  const peer = await startPeer(() => {});
  const channel = open(peer.address);
  const reason = new Error("gone");
  const controller = new AbortController();
  const cancelled = call(channel, { signal: controller.signal });
  await eventually(async () => expect(peer.seen).toHaveLength(1));
  controller.abort(reason);
  await expect(cancelled).rejects.toBe(reason);
  await expect(call(channel, { deadline: Date.now() + 100 })).rejects.toMatchObject({ code: 4, answered: false });
  await eventually(async () => expect(peer.seen.map(({ stream }) => stream.rstCode)).toEqual([8, 8]));
  peer.answer = answering("later");
  expect(await call(channel)).toMatchObject({ name: "later" });
  expect(peer.sessions.size).toBe(1);
});

it("does not begin a call that has ended already", async () => {
  const peer = await startPeer();
  const channel = open(peer.address);
  await expect(call(channel, { deadline: Date.now() - 1 })).rejects.toMatchObject({ code: 4 });
  await expect(call(channel, { signal: AbortSignal.abort("gone") })).rejects.toBe("gone");
  expect(peer.seen).toEqual([]);
});

it("makes a call again, once, that the peer refused before it did anything", async () => {
  const peer = await startPeer((stream) => {
    if (peer.seen.length === 1) stream.close(7);
    else answering("second")(stream, {});
  });
  const channel = open(peer.address);
  expect(await call(channel)).toMatchObject({ name: "second" });
  peer.answer = (stream) => stream.close(7);
  await expect(call(channel)).rejects.toMatchObject({ code: 14, answered: false });
  expect(peer.seen).toHaveLength(4);
});

it("repeats no call whose response had begun, even if the peer then refuses it", async () => {
  let calls = 0;
  const raw = createTcpServer((socket) => {
    let received = Buffer.alloc(0);
    let at = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length;
    socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])); // SETTINGS
    socket
      .on("error", () => {})
      .on("data", (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        for (; received.length >= at + 9; at += 9 + received.readUIntBE(at, 3)) {
          if (received[at + 3] !== 1) continue;
          calls++;
          const stream = received.subarray(at + 5, at + 9);
          const answer = [Buffer.from([0, 0, 1, 1, 4]), stream, Buffer.from([0x88])]; // HEADERS: `:status: 200`
          const refusal = [Buffer.from([0, 0, 4, 3, 0]), stream, Buffer.from([0, 0, 0, 7])]; // RST_STREAM: REFUSED_STREAM
          socket.write(Buffer.concat([...answer, ...refusal]));
        }
      });
    running.push(() => socket.destroy());
  });
  raw.listen(0, "127.0.0.1");
  await once(raw, "listening");
  running.push(() => raw.close());
  const channel = open(`127.0.0.1:${(raw.address() as AddressInfo).port}`);
  const failed = await call(channel).catch((error) => error);
  expect(failed).toMatchObject({ code: 14, answered: false, unsent: false });
  expect(calls).toBe(1);
});

it.each([
  [503, 14],
  [404, 12],
  [500, 2],
])("reads a proxy's page with status %i by its status, not by its text", async (status, code) => {
  const peer = await startPeer((stream) => {
    stream.respond({ ":status": status, "content-type": "text/html" });
    stream.end("<html>upstream connect error</html>");
  });
  await expect(call(open(peer.address))).rejects.toMatchObject({ code, answered: false, transport: true });
});

it("drops a call that ended while it waited for a connection", async () => {
  const silent = createTcpServer((socket) => socket.on("error", () => {}).resume());
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  running.push(() => silent.close());
  const channel = open(`127.0.0.1:${(silent.address() as AddressInfo).port}`);
  const messages: WeakRef<Message>[] = [];
  const give = async () => {
    const message = create(schema, { name: "a" });
    messages.push(new WeakRef(message));
    const error = await call(channel, { message, deadline: Date.now() + 20 }).catch(({ code }) => code);
    expect(error).toBe(4);
  };
  await Promise.all(Array.from({ length: 10 }, give));
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  await eventually(async () => {
    collect();
    expect(messages.filter((message) => message.deref()).length).toBe(0);
  });
});

it("makes the calls that wait as soon as the peer allows more streams", async () => {
  const peer = await startPeer(answering("a"), { maxConcurrentStreams: 1 });
  const channel = open(peer.address);
  await call(channel);
  peer.answer = () => {};
  const first = call(channel).catch(() => "over");
  await eventually(async () => expect(peer.seen).toHaveLength(2));
  peer.answer = answering("b");
  const second = call(channel, { deadline: Date.now() + 3_000 });
  for (const session of peer.sessions) session.settings({ maxConcurrentStreams: 9 });
  expect(await second).toMatchObject({ name: "b" });
  for (const session of peer.sessions) session.destroy();
  expect(await first).toBe("over");
});

it("makes calls in order where the peer allows one at a time, and none that has expired", async () => {
  const names: string[] = [];
  const peer = await startPeer(
    (stream) =>
      stream.on("data", (bytes: Buffer) => {
        names.push((fromBinary(schema, bytes.subarray(5)) as Message & { name: string }).name);
        if (names.length > 1) answering("a")(stream, {});
        else setTimeout(() => answering("a")(stream, {}), 150);
      }),
    { maxConcurrentStreams: 1 },
  );
  const channel = open(peer.address);
  const numbers = Array.from({ length: 300 }, (_, n) => `${n}`);
  const made = numbers.map((name) => {
    const expires = name !== "0" && Number(name) % 10 === 0;
    return call(channel, { message: create(schema, { name }), ...(expires && { deadline: Date.now() + 50 }) });
  });
  const outcomes = await Promise.allSettled(made);
  const isExpired = (name: string) => outcomes[Number(name)]?.status === "rejected";
  expect(numbers.filter(isExpired)).toHaveLength(29);
  expect(names).toEqual(numbers.filter((name) => !isExpired(name)));
});

it("never repeats a call that may have been worked on", async () => {
  const peer = await startPeer((stream) => stream.session?.destroy());
  await expect(call(open(peer.address))).rejects.toMatchObject({ code: 14, answered: false, began: false });
  expect(peer.seen).toHaveLength(1);
});

it("loses no call when the peer closes connections gracefully again and again", async () => {
  const peer = await startPeer((stream) => {
    if (peer.seen.length % 100 === 0) stream.session?.goaway(0);
    setTimeout(() => answering("a")(stream, {}), 1);
  });
  const channel = open(peer.address);
  const worker = async () => {
    for (let n = 0; n < 50; n++) await call(channel);
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  expect(peer.seen.length).toBeGreaterThanOrEqual(500);
  await eventually(async () => expect(peer.sessions.size).toBeLessThanOrEqual(1));
});

it("pings a peer no sooner, however often it reports too many pings", async () => {
  const peer = await startPeer((stream) => stream.session?.goaway(11));
  const channel = open(peer.address);
  for (let n = 0; n < 20; n++) await expect(call(channel)).rejects.toMatchObject({ code: 14 });
  let pings = 0;
  peer.server.on("session", (session) => session.on("ping", () => pings++));
  peer.answer = () => {};
  await expect(call(channel, { deadline: Date.now() + 300 })).rejects.toMatchObject({ code: 4 });
  expect(pings).toBe(0);
});

it("opens no more streams than the peer allows", async () => {
  let open_ = 0;
  let most = 0;
  const peer = await startPeer(
    (stream) => {
      most = Math.max(most, ++open_);
      setTimeout(() => {
        open_--;
        answering("a")(stream, {});
      }, 5);
    },
    { maxConcurrentStreams: 3 },
  );
  const channel = open(peer.address);
  await call(channel);
  await Promise.all(Array.from({ length: 30 }, () => call(channel)));
  expect(peer.seen).toHaveLength(31);
  expect(most).toBeLessThanOrEqual(3);
});

it("is unreachable without a listener or with a foreign one, and reconnects", async () => {
  const other = createTcpServer((socket) => socket.resume().end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  const channel = open(address);
  await expect(call(channel)).rejects.toMatchObject({ code: 14, answered: false });
  other.close();
  await once(other, "close");
  await expect(call(channel)).rejects.toMatchObject({ code: 14 });
  expect(channel.readiness()).toBe("unreachable");
  const upstream = await startUpstream(contract.registry, () => create(schema, { name: "back" }), address);
  running.push(() => upstream.kill());
  await eventually(async () => expect(channel.readiness()).toBe("ready"));
  expect(await call(channel)).toMatchObject({ name: "back" });
});

it("agrees with a server of grpc-js on large messages, both ways", async () => {
  const upstream = await startUpstream(contract.registry, (_, request) => request);
  running.push(() => upstream.kill());
  const message = create(schema, { name: "x".repeat(3_000_000) });
  expect(await call(open(upstream.address), { message })).toMatchObject(message);
});
