import type { Fields } from "../hpack/decoder.ts";
import { DEFAULT_WINDOW, ERROR, Http2Error, MAX_31_BITS, MAX_FRAME } from "../protocol.ts";
import type { FrameWriter } from "./frame-writer.ts";
import type { Output } from "./output.ts";

/** Before a message of gRPC: whether it is compressed, and its length. */
export const PREFIX = 5;

/** The sending side of a stream. */
export interface SendingStream {
  readonly id: number;
  /** How much DATA the peer accepts on the stream; below zero after it has lowered the setting. */
  sendWindow: number;
  /** The first waiting item; undefined if none waits. */
  waiting: WaitingBody | undefined;
  /** Called when nothing waits any longer. */
  sent(): void;
}

/** Bytes that wait for a window, and what follows them. */
export interface WaitingBody {
  readonly chunks: Uint8Array[];
  /** How many bytes of the first chunk were sent. */
  offset: number;
  size: number;
  isEnd: boolean;
  trailers: Fields | undefined;
}

/** Sends the DATA of all streams of a connection within both windows; streams that wait take turns frame by frame (RFC 9113, section 5.2). */
export class SendQueue {
  /** How much DATA the peer accepts on the connection. */
  #window = DEFAULT_WINDOW;
  #initialWindow = DEFAULT_WINDOW;
  readonly #queue = new Set<SendingStream>();
  readonly #output: Output;
  readonly #writer: FrameWriter;

  constructor(output: Output, writer: FrameWriter) {
    this.#output = output;
    this.#writer = writer;
  }

  /** The window of a new stream. */
  get initialWindow(): number {
    return this.#initialWindow;
  }

  /** Sends a message of gRPC, now or when the windows allow it. Its bytes must not change until then. */
  message(stream: SendingStream, message: Uint8Array, isEnd: boolean): void {
    const size = PREFIX + message.length;
    if (this.#mayPass(stream, size)) {
      this.#writer.dataHead(stream.id, size, isEnd);
      this.#spend(stream, size);
      const { slab, end } = this.#output;
      slab[end] = 0;
      slab.writeUInt32BE(message.length, end + 1);
      slab.set(message, end + PREFIX);
      this.#output.end = end + size;
      return;
    }
    const prefix = Buffer.allocUnsafe(PREFIX);
    prefix[0] = 0;
    prefix.writeUInt32BE(message.length, 1);
    this.#wait(stream, prefix);
    this.#wait(stream, message).isEnd = isEnd;
  }

  /** Sends bytes and the end of the stream. */
  text(stream: SendingStream, text: string): void {
    this.#wait(stream, Buffer.from(text)).isEnd = true;
  }

  /** Sends trailers after everything that waits. */
  trailers(stream: SendingStream, fields: Fields): void {
    if (stream.waiting === undefined) this.#writer.headers(stream.id, fields, true);
    else stream.waiting.trailers = fields;
  }

  /** Sends nothing more of a stream. */
  drop(stream: SendingStream): void {
    stream.waiting = undefined;
    this.#queue.delete(stream);
  }

  /** Applies WINDOW_UPDATE of the connection. */
  widen(increment: number): void {
    this.#window += increment;
    if (this.#window > MAX_31_BITS) throw new Http2Error(ERROR.flowControl, "The window of the connection overflows.");
    this.#output.schedule();
  }

  /** Applies WINDOW_UPDATE of a stream. */
  widenStream(stream: SendingStream, increment: number): void {
    stream.sendWindow += increment;
    if (stream.sendWindow > MAX_31_BITS)
      throw new Http2Error(ERROR.flowControl, "The window of a stream overflows.", stream.id);
    this.#requeue(stream);
  }

  /** Applies SETTINGS_INITIAL_WINDOW_SIZE, also to streams that are open. */
  setInitialWindow(size: number, streams: Iterable<SendingStream>): void {
    if (size > MAX_31_BITS) throw new Http2Error(ERROR.flowControl, "The initial window is too large.");
    const difference = size - this.#initialWindow;
    this.#initialWindow = size;
    for (const stream of streams) {
      stream.sendWindow += difference;
      if (stream.sendWindow > MAX_31_BITS)
        throw new Http2Error(ERROR.flowControl, "A setting makes the window of a stream overflow.");
      this.#requeue(stream);
    }
  }

  /** Sends as many bytes as the windows and the socket allow. */
  pump(): void {
    for (const stream of this.#queue) {
      if (this.#window <= 0 || this.#output.isFull) return;
      this.#queue.delete(stream);
      this.#frame(stream);
      this.#requeue(stream);
    }
  }

  #mayPass(stream: SendingStream, size: number): boolean {
    const fits = size <= this.#window && size <= stream.sendWindow && size <= MAX_FRAME;
    return fits && stream.waiting === undefined && this.#queue.size === 0 && !this.#output.isFull;
  }

  #spend(stream: SendingStream, size: number): void {
    this.#window -= size;
    stream.sendWindow -= size;
  }

  #wait(stream: SendingStream, chunk: Uint8Array): WaitingBody {
    stream.waiting ??= { chunks: [], offset: 0, size: 0, isEnd: false, trailers: undefined };
    stream.waiting.chunks.push(chunk);
    stream.waiting.size += chunk.length;
    this.#requeue(stream);
    return stream.waiting;
  }

  /** A stream without a window leaves the queue until it has one; an empty frame that only ends the stream needs none. */
  #requeue(stream: SendingStream): void {
    const { waiting } = stream;
    if (waiting === undefined || (stream.sendWindow <= 0 && waiting.size > 0)) this.#queue.delete(stream);
    else this.#queue.add(stream);
    if (this.#queue.size > 0) this.#output.schedule();
  }

  #frame(stream: SendingStream): void {
    const { waiting } = stream;
    if (waiting === undefined) return;
    const size = Math.min(waiting.size, MAX_FRAME, this.#window, stream.sendWindow);
    const isLast = size === waiting.size;
    this.#writer.dataHead(stream.id, size, isLast && waiting.isEnd);
    this.#spend(stream, size);
    let left = size;
    for (let chunk = waiting.chunks[0]; left > 0 && chunk !== undefined; chunk = waiting.chunks[0]) {
      const part = chunk.subarray(waiting.offset, waiting.offset + left);
      this.#output.slab.set(part, this.#output.end);
      this.#output.end += part.length;
      left -= part.length;
      waiting.offset += part.length;
      if (waiting.offset < chunk.length) break;
      waiting.chunks.shift();
      waiting.offset = 0;
    }
    waiting.size -= size;
    if (!isLast) return;
    stream.waiting = undefined;
    if (waiting.trailers !== undefined) this.#writer.headers(stream.id, waiting.trailers, true);
    stream.sent();
  }
}
