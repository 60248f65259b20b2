import { ERROR, FLAG, FRAME, FRAME_HEAD, Http2Error, MAX_FRAME, PREFACE } from "../protocol.ts";
import { giveBuffer, takeBuffer } from "./buffer-pool.ts";

/** The most bytes of a header block, and frames that it is spread over. */
const MAX_BLOCK = 2 ** 16;
const MAX_CONTINUATIONS = 16;

/** Receives valid frames. Bytes are valid until the call returns. An `Http2Error` that it throws ends the connection or the stream. */
export interface FrameHandler {
  /** `size` counts for flow control: the payload with its padding. */
  onData(stream: number, bytes: Buffer, from: number, to: number, size: number, isEnd: boolean): void;
  /** Receives a whole header block. */
  onHeaders(stream: number, bytes: Buffer, from: number, to: number, isEnd: boolean): void;
  onReset(stream: number, code: number): void;
  onSettings(bytes: Buffer, from: number, to: number): void;
  onPing(bytes: Buffer, from: number, isAck: boolean): void;
  onGoaway(lastStream: number, code: number): void;
  onWindowUpdate(stream: number, increment: number): void;
  /** Receives a frame that needs no action: PRIORITY, an acknowledgement, or an unknown one. */
  onIdleFrame(): void;
  /** Ends the stream of the error, or the connection. */
  onError(error: Http2Error): void;
}

/** Splits the bytes of a peer into frames, and validates all rules that do not depend on streams (RFC 9113, sections 4 and 6). */
export class FrameParser {
  /** Set to skip everything that follows. */
  stopped = false;
  readonly #handler: FrameHandler;
  #prefaceLeft: number;
  #isFirst = true;
  /** The header block that CONTINUATION frames complete. */
  #block: Buffer | undefined;
  #blockSize = 0;
  #blockStream = 0;
  #blockEnds = false;
  #continuations = 0;

  /** A server expects the preface of clients. */
  constructor(handler: FrameHandler, isServer: boolean) {
    this.#handler = handler;
    this.#prefaceLeft = isServer ? PREFACE.length : 0;
  }

  /** Parses all complete frames and returns where the rest begins. */
  readonly parse = (bytes: Buffer, from: number, to: number): number => {
    let at = from;
    try {
      at = this.#preface(bytes, from, to);
    } catch (error) {
      this.#failed(error);
    }
    while (!this.stopped && to - at >= FRAME_HEAD) {
      const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
      if (length <= MAX_FRAME && to - at < FRAME_HEAD + length) return at;
      try {
        if (length > MAX_FRAME) throw connectionError(ERROR.frameSize, `A frame has ${length} bytes.`);
        this.#frame(bytes, at, at + FRAME_HEAD, at + FRAME_HEAD + length);
      } catch (error) {
        this.#failed(error);
      }
      at += FRAME_HEAD + length;
    }
    return this.stopped ? to : at;
  };

  #failed(error: unknown): void {
    if (!(error instanceof Http2Error)) throw error;
    this.#handler.onError(error);
  }

  #preface(bytes: Buffer, from: number, to: number): number {
    let at = from;
    for (; this.#prefaceLeft > 0 && at < to; at++, this.#prefaceLeft--)
      if (bytes[at] !== PREFACE[PREFACE.length - this.#prefaceLeft])
        throw connectionError(ERROR.protocol, "The client does not speak HTTP/2.");
    return at;
  }

  #frame(bytes: Buffer, head: number, from: number, to: number): void {
    const type = bytes[head + 3];
    const flags = bytes[head + 4] ?? 0;
    const stream = uint31(bytes, head + 5);
    if (this.#block !== undefined && (type !== FRAME.continuation || stream !== this.#blockStream))
      throw connectionError(ERROR.protocol, "A header block is interrupted.");
    if (this.#isFirst && (type !== FRAME.settings || (flags & FLAG.ack) !== 0))
      throw connectionError(ERROR.protocol, "The first frame is not SETTINGS.");
    this.#isFirst = false;
    const handler = this.#handler;
    switch (type) {
      case FRAME.data: {
        onStream(stream);
        const [start, end] = unpadded(bytes, from, to, flags);
        handler.onData(stream, bytes, start, end, to - from, (flags & FLAG.endStream) !== 0);
        return;
      }
      case FRAME.headers:
        onStream(stream);
        this.#headers(stream, bytes, from, to, flags);
        return;
      case FRAME.continuation:
        this.#continuation(bytes, from, to, flags);
        return;
      case FRAME.priority:
        onStream(stream);
        if (to - from !== 5) throw new Http2Error(ERROR.frameSize, "PRIORITY has a wrong size.", stream);
        if (uint31(bytes, from) === stream) throw new Http2Error(ERROR.protocol, "A stream depends on itself.", stream);
        handler.onIdleFrame();
        return;
      case FRAME.reset:
        onStream(stream);
        ofSize(4, from, to);
        handler.onReset(stream, bytes.readUInt32BE(from));
        return;
      case FRAME.settings:
        onConnection(stream);
        if ((flags & FLAG.ack) === 0) {
          if ((to - from) % 6 !== 0) throw connectionError(ERROR.frameSize, "SETTINGS has a wrong size.");
          handler.onSettings(bytes, from, to);
          return;
        }
        ofSize(0, from, to);
        handler.onIdleFrame();
        return;
      case FRAME.ping:
        onConnection(stream);
        ofSize(8, from, to);
        handler.onPing(bytes, from, (flags & FLAG.ack) !== 0);
        return;
      case FRAME.goaway:
        onConnection(stream);
        if (to - from < 8) throw connectionError(ERROR.frameSize, "GOAWAY has a wrong size.");
        handler.onGoaway(uint31(bytes, from), bytes.readUInt32BE(from + 4));
        return;
      case FRAME.windowUpdate: {
        ofSize(4, from, to);
        const increment = uint31(bytes, from);
        if (increment === 0) throw new Http2Error(ERROR.protocol, "WINDOW_UPDATE adds nothing.", stream);
        handler.onWindowUpdate(stream, increment);
        return;
      }
      case FRAME.pushPromise:
        throw connectionError(ERROR.protocol, "Push is not enabled.");
      default:
        handler.onIdleFrame();
        return;
    }
  }

  #headers(stream: number, bytes: Buffer, from: number, to: number, flags: number): void {
    let [start, end] = unpadded(bytes, from, to, flags);
    if ((flags & FLAG.priority) !== 0) {
      if (end - start < 5) throw connectionError(ERROR.frameSize, "HEADERS is too short for its priority.");
      if (uint31(bytes, start) === stream) throw connectionError(ERROR.protocol, "A stream depends on itself.");
      start += 5;
    }
    const isEnd = (flags & FLAG.endStream) !== 0;
    if ((flags & FLAG.endHeaders) !== 0) {
      this.#handler.onHeaders(stream, bytes, start, end, isEnd);
      return;
    }
    this.#block = takeBuffer(MAX_BLOCK);
    this.#blockSize = bytes.copy(this.#block, 0, start, end);
    this.#blockStream = stream;
    this.#blockEnds = isEnd;
    this.#continuations = 0;
  }

  #continuation(bytes: Buffer, from: number, to: number, flags: number): void {
    const block = this.#block;
    if (block === undefined) throw connectionError(ERROR.protocol, "CONTINUATION follows no HEADERS.");
    if (++this.#continuations > MAX_CONTINUATIONS || this.#blockSize + to - from > MAX_BLOCK)
      throw connectionError(ERROR.enhanceYourCalm, "A header block is too large.");
    this.#blockSize += bytes.copy(block, this.#blockSize, from, to);
    if ((flags & FLAG.endHeaders) === 0) return;
    this.#block = undefined;
    this.#handler.onHeaders(this.#blockStream, block, 0, this.#blockSize, this.#blockEnds);
    giveBuffer(block);
  }
}

function connectionError(code: number, message: string): Http2Error {
  return new Http2Error(code, message);
}

function onStream(stream: number): void {
  if (stream === 0) throw connectionError(ERROR.protocol, "A frame belongs to no stream.");
}

function onConnection(stream: number): void {
  if (stream !== 0) throw connectionError(ERROR.protocol, "A frame of the connection belongs to a stream.");
}

function ofSize(size: number, from: number, to: number): void {
  if (to - from !== size) throw connectionError(ERROR.frameSize, `A frame has ${to - from} instead of ${size} bytes.`);
}

function uint31(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) & 0x7fffffff;
}

function unpadded(bytes: Buffer, from: number, to: number, flags: number): [number, number] {
  if ((flags & FLAG.padded) === 0) return [from, to];
  const padding = bytes[from] ?? 0;
  if (from === to || padding >= to - from) throw connectionError(ERROR.protocol, "Padding is longer than its frame.");
  return [from + 1, to - padding];
}
