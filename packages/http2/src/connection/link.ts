import type { Socket } from "node:net";
import { HpackDecoder } from "../hpack/decoder.ts";
import { HpackEncoder, type IndexPolicy } from "../hpack/encoder.ts";
import { type FrameHandler, FrameParser } from "./frame-parser.ts";
import { FrameWriter } from "./frame-writer.ts";
import { Input } from "./input.ts";
import { Output } from "./output.ts";

/** The size of this side's table of fields: the default before SETTINGS. */
const HEADER_TABLE_SIZE = 4_096;
/** The time in which an aborted connection may send its last bytes. */
const LINGER_MS = 1_000;
const PING = Buffer.from("kontor\0\0", "latin1");

/** How a link is made. */
export interface LinkOptions {
  readonly isServer: boolean;
  /** Which fields enter the table of the peer. */
  readonly indexed: IndexPolicy;
  /** The largest fields that are accepted, counted as SETTINGS_MAX_HEADER_LIST_SIZE. */
  readonly maxHeaderListSize: number;
}

/** A socket with the reader and writer of its frames. */
export class Link {
  readonly output: Output;
  readonly writer: FrameWriter;
  readonly encoder: HpackEncoder;
  readonly decoder: HpackDecoder;
  /** Whether bytes have arrived since this was last set to false. */
  heard = true;
  /** Why the connection ended, once it has. */
  failure: Error | undefined;
  /** Whether nothing more is sent or received. */
  isOver = false;
  readonly #socket: Socket;
  readonly #input: Input;
  readonly #parser: FrameParser;
  readonly #pongs: (() => void)[] = [];

  /** `beforeFlush` may write more frames; `ended` is called once, when the socket is closed. */
  constructor(
    socket: Socket,
    options: LinkOptions,
    handler: FrameHandler,
    events: { beforeFlush(): void; ended(): void },
  ) {
    this.#socket = socket;
    this.encoder = new HpackEncoder(options.indexed);
    this.decoder = new HpackDecoder(HEADER_TABLE_SIZE, options.maxHeaderListSize);
    this.#parser = new FrameParser(handler, options.isServer);
    this.#input = new Input(this.#parser.parse);
    this.output = new Output(socket, events.beforeFlush);
    this.writer = new FrameWriter(this.output, this.encoder);
    socket.on("error", (error) => {
      this.failure ??= error;
    });
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      this.#stop();
      this.#input.release();
      this.output.flush();
      events.ended();
    });
  }

  /** Receives `size` bytes in the shared buffer, or those of a chunk. */
  receive(size: number, chunk?: Buffer): void {
    this.heard = true;
    if (chunk === undefined) this.#input.read(size);
    else this.#input.readFrom(chunk);
  }

  /** Sends PING and calls back when the peer responds. */
  ping(responded: () => void): void {
    this.#pongs.push(responded);
    this.writer.ping(PING, 0, false);
  }

  /** Receives the response to the first PING that has none. */
  pong(): void {
    this.#pongs.shift()?.();
  }

  /** Sends the remaining bytes and ends the connection. */
  end(): void {
    if (this.isOver) return;
    this.#stop();
    this.output.flush();
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
  }

  /** Ends the connection at once. */
  destroy(failure?: Error): void {
    this.failure ??= failure;
    this.#stop();
    this.#socket.destroy();
  }

  #stop(): void {
    this.isOver = true;
    this.#parser.stopped = true;
  }
}
