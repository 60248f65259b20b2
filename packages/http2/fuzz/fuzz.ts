import { once } from "node:events";
import { connect as connectNode } from "node:http2";
import { connect } from "node:net";
import { FLAG, FRAME, PREFACE, SETTING } from "../src/protocol.ts";
import { openClient } from "../test/calls.ts";
import { createEchoServer } from "../test/echo-server.ts";
import { seeded } from "../test/random.ts";
import { ECHO, frame, grpcMessage, RawPeer, settings, startRawServer, uint32 } from "../test/raw-peer.ts";

const FRAMES_PER_CONNECTION = 40;

/** Sends mutated frames to a server, and requires after each connection that another one makes a call. Returns how many frames were sent. */
export async function fuzzServer(seed: number, count: number): Promise<number> {
  const next = seeded(seed);
  const server = createEchoServer();
  const port = await server.listen("127.0.0.1", 0);
  const { call, connection } = await openClient(port);
  let sent = 0;
  while (sent < count) {
    const peer = new RawPeer(connect(port, "127.0.0.1"), false);
    peer.send(PREFACE, settings());
    for (let n = 0; n < FRAMES_PER_CONNECTION && !peer.socket.destroyed; n++, sent++)
      peer.send(randomFrame(peer, next));
    peer.socket.end();
    await peer.closed;
    const body = Buffer.from(`after ${sent}`);
    const { message } = await call(body);
    if (!message?.equals(body)) throw new Error(`A call failed after ${sent} frames of seed ${seed}.`);
  }
  connection.close();
  await server.drain();
  return sent;
}

/** Responds to calls of clients with mutated frames, and requires that each call ends. Returns the number of sent frames. */
export async function fuzzClient(seed: number, count: number): Promise<number> {
  const next = seeded(seed);
  let sent = 0;
  const server = await startRawServer((peer) => {
    peer.send(settings());
    for (let n = 0; n < FRAMES_PER_CONNECTION; n++, sent++) peer.send(randomFrame(peer, next));
    const end = () => peer.socket.end();
    peer.until(() => peer.of(FRAME.data).length >= 3).then(end, end);
  });
  while (sent < count) {
    const client = await openClient(server.port).catch(() => undefined);
    if (client === undefined) continue;
    try {
      await Promise.all([1, 2, 3].map(() => client.call(Buffer.from("abc"))));
    } catch {} // The connection has ended before a call.
    client.connection.link.destroy();
  }
  server.stop();
  return sent;
}

/** Sends random fields by node:http2 to a server that sends them back, while the sizes of both tables change. @throws Error when they differ */
export async function compareWithNode(seed: number, count: number): Promise<void> {
  const next = seeded(seed);
  const server = createEchoServer({ echoFields: true });
  const session = connectNode(`http://127.0.0.1:${await server.listen("127.0.0.1", 0)}`, { maxHeaderListPairs: 500 });
  for (let n = 0; n < count; n++) {
    if (next() < 0.05) session.settings({ headerTableSize: Math.floor(next() * 8_192) });
    const fields: Record<string, string> = {};
    for (let left = next() * 20; left > 0; left--)
      fields[`x-${randomText(next, 12, "abcdefghij-")}`] = randomText(next, 60);
    if (next() < 0.02) fields["x-large"] = randomText(next, 9_000);
    const stream = session.request({
      ...{ ":method": "POST", ":path": "/a/b", "content-type": "application/grpc", te: "trailers" },
      ...fields,
    });
    stream.end(grpcMessage(Buffer.from("a")));
    const [head] = await once(stream.resume(), "response");
    for (const [name, value] of Object.entries(fields))
      if (head[name] !== value)
        throw new Error(`Seed ${seed}, request ${n}: ${name} is ${head[name]} instead of ${value}.`);
    await once(stream, "close");
  }
  session.close();
  await server.drain();
}

function randomText(next: () => number, length: number, letters?: string): string {
  const of = letters ?? "!#$%&'()*+,-./0123456789:;<=>?@ABCXYZ[]^_`abcxyz{|}~é";
  return Array.from({ length: 1 + next() * length }, () => of[Math.floor(next() * of.length)]).join("");
}

function randomFrame(peer: RawPeer, next: () => number): Buffer {
  const int = (below: number) => Math.floor(next() * below);
  const stream = next() < 0.8 ? 1 + 2 * int(20) : int(50);
  const bytes = validFrame();
  const mutations = next() < 0.5 ? 0 : 1 + int(3);
  for (let n = 0; n < mutations && bytes.length > 0; n++) bytes[int(Math.min(bytes.length, 60))] = int(256);
  return next() < 0.02 ? bytes.subarray(0, int(bytes.length)) : bytes;

  function validFrame(): Buffer {
    const payload = Buffer.from(Array.from({ length: int(40) }, () => int(256)));
    switch (int(10)) {
      case 0:
      case 1:
        return peer.headers(stream, next() < 0.5 ? ECHO : [":status", "200"], next() < 0.5 ? FLAG.endStream : 0);
      case 2:
      case 3:
        return frame(FRAME.data, next() < 0.5 ? FLAG.endStream : 0, stream, grpcMessage(payload));
      case 4:
        return frame(FRAME.reset, 0, stream, uint32(int(14)));
      case 5:
        return settings([1 + int(6), int(70_000)], [SETTING.initialWindowSize, int(100_000)]);
      case 6:
        return frame(FRAME.ping, int(2), 0, Buffer.alloc(8));
      case 7:
        return frame(FRAME.windowUpdate, 0, next() < 0.5 ? 0 : stream, uint32(1 + int(100_000)));
      case 8:
        return frame(FRAME.goaway, 0, 0, Buffer.concat([uint32(int(100)), uint32(int(14)), payload]));
      default:
        return frame(int(12), int(256), stream, payload);
    }
  }
}
