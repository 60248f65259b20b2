import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { HpackDecoder } from "../src/hpack/decoder.ts";
import { HpackEncoder } from "../src/hpack/encoder.ts";
import { FLAG, FRAME, PREFACE } from "../src/protocol.ts";

/** A frame in its wire format. */
export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** Returns the bytes of a frame. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(9 + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, 9);
  return bytes;
}

/** Returns the four bytes of a number. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Returns a SETTINGS frame. */
export function settings(...entries: [number, number][]): Buffer {
  const payload = entries.map(([key, value]) => Buffer.concat([Buffer.from([key >> 8, key]), uint32(value)]));
  return frame(FRAME.settings, 0, 0, Buffer.concat(payload));
}

/** Returns a message of gRPC. */
export function grpcMessage(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0]), uint32(bytes.length), bytes]);
}

/** The fields of a request for an echo. */
export const ECHO = [":method", "POST", ":scheme", "http", ":path", "/a.B/C", ":authority", "a"].concat(
  ...["te", "trailers", "content-type", "application/grpc"],
);

/** One side of a connection that sends the bytes of a test, and records the received frames. */
export class RawPeer {
  readonly frames: RawFrame[] = [];
  readonly encoder = new HpackEncoder({});
  readonly decoder = new HpackDecoder(4_096, 65_536);
  readonly socket: Socket;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  #rest: Buffer;
  #waiters: { test: () => boolean; done: () => void }[] = [];
  #skip: number;

  constructor(socket: Socket, isServer: boolean) {
    this.socket = socket;
    this.#rest = Buffer.alloc(0);
    this.#skip = isServer ? PREFACE.length : 0;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {}).on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("close", () => this.#wake());
  }

  /** Connects to a server as a client: preface and SETTINGS. */
  static async connect(port: number, own: Buffer = settings()): Promise<RawPeer> {
    const peer = new RawPeer(connect(port, "127.0.0.1"), false);
    peer.send(PREFACE, own);
    return peer;
  }

  send(...bytes: Uint8Array[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  /** Returns a HEADERS frame. */
  headers(stream: number, fields: readonly string[], flags = 0): Buffer {
    const block = Buffer.alloc(this.encoder.measure(fields));
    const end = this.encoder.encode(fields, block, 0);
    return frame(FRAME.headers, FLAG.endHeaders | flags, stream, block.subarray(0, end));
  }

  /** Returns the fields of all HEADERS frames of a stream. */
  fieldsOf(stream: number): string[] {
    return this.frames.flatMap(({ type, stream: on, payload }) => {
      if (type !== FRAME.headers) return [];
      const { fields } = this.decoder.decode(payload, 0, payload.length);
      return on === stream ? fields : [];
    });
  }

  of(type: number, stream?: number): RawFrame[] {
    return this.frames.filter((each) => each.type === type && (stream === undefined || each.stream === stream));
  }

  /** Returns the bytes of DATA that arrived on a stream. */
  dataOf(stream: number): Buffer {
    return Buffer.concat(this.of(FRAME.data, stream).map(({ payload }) => payload));
  }

  /** Resolves when a condition on the received frames is true. @throws Error when the connection closes before */
  async until(test: () => boolean): Promise<void> {
    while (!test()) {
      if (this.socket.destroyed) throw new Error("The connection closed.");
      await new Promise<void>((done) => void this.#waiters.push({ test, done }));
    }
  }

  /** Resolves to the code of the GOAWAY that ends the connection. */
  async goaway(): Promise<number | undefined> {
    await this.closed;
    return this.of(FRAME.goaway).at(-1)?.payload.readUInt32BE(4);
  }

  #read(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = Math.min(this.#skip, this.#rest.length);
    this.#skip -= at;
    for (;;) {
      if (this.#rest.length < at + 9) break;
      const size = this.#rest.readUIntBE(at, 3);
      if (this.#rest.length < at + 9 + size) break;
      this.frames.push({
        type: this.#rest[at + 3] ?? 0,
        flags: this.#rest[at + 4] ?? 0,
        stream: this.#rest.readUInt32BE(at + 5),
        payload: this.#rest.subarray(at + 9, at + 9 + size),
      });
      at += 9 + size;
    }
    this.#rest = this.#rest.subarray(at);
    this.#wake();
  }

  #wake(): void {
    const all = this.socket.destroyed;
    const ready = this.#waiters.filter(({ test }) => all || test());
    this.#waiters = this.#waiters.filter((each) => !ready.includes(each));
    for (const { done } of ready) done();
  }
}

/** Starts a server whose connections a test serves by hand. */
export async function startRawServer(serve: (peer: RawPeer) => void): Promise<{ port: number; stop(): void }> {
  const peers: RawPeer[] = [];
  const server = createServer((socket) => {
    const peer = new RawPeer(socket, true);
    peers.push(peer);
    serve(peer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    stop() {
      for (const { socket } of peers) socket.destroy();
      server.close();
    },
  };
}
