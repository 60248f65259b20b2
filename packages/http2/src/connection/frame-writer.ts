import type { Fields } from "../hpack/decoder.ts";
import type { HpackEncoder } from "../hpack/encoder.ts";
import { FLAG, FRAME, FRAME_HEAD, MAX_FRAME, PREFACE } from "../protocol.ts";
import { giveBuffer, takeBuffer } from "./buffer-pool.ts";
import type { Output } from "./output.ts";

/** Writes frames to the output of a connection. */
export class FrameWriter {
  readonly #output: Output;
  readonly #encoder: HpackEncoder;

  constructor(output: Output, encoder: HpackEncoder) {
    this.#output = output;
    this.#encoder = encoder;
  }

  preface(): void {
    this.#output.reserve(PREFACE.length);
    this.#output.end += PREFACE.copy(this.#output.slab, this.#output.end);
  }

  /** Writes HEADERS, with CONTINUATION where one frame is too small. @throws TypeError when HTTP/2 forbids a name or a value */
  headers(stream: number, fields: Fields, isEnd: boolean): void {
    const most = this.#encoder.measure(fields);
    const output = this.#output;
    const flags = isEnd ? FLAG.endStream : 0;
    if (most > MAX_FRAME) {
      this.#longHeaders(stream, fields, most, flags);
      return;
    }
    output.reserve(FRAME_HEAD + most);
    const start = output.end + FRAME_HEAD;
    const end = this.#encoder.encode(fields, output.slab, start);
    this.#head(end - start, FRAME.headers, flags | FLAG.endHeaders, stream);
    output.end = end;
  }

  /** Writes the head of a DATA frame; its payload is written to the space that is reserved behind it. */
  dataHead(stream: number, size: number, isEnd: boolean): void {
    this.#output.reserve(FRAME_HEAD + size);
    this.#head(size, FRAME.data, isEnd ? FLAG.endStream : 0, stream);
  }

  settings(entries: readonly (readonly [number, number])[]): void {
    this.#begin(entries.length * 6, FRAME.settings, 0, 0);
    for (const [key, value] of entries) {
      this.#output.end = this.#output.slab.writeUInt16BE(key, this.#output.end);
      this.#uint32(value);
    }
  }

  settingsAck(): void {
    this.#begin(0, FRAME.settings, FLAG.ack, 0);
  }

  /** Writes PING with 8 bytes. */
  ping(bytes: Buffer, from: number, isAck: boolean): void {
    this.#begin(8, FRAME.ping, isAck ? FLAG.ack : 0, 0);
    this.#output.end += bytes.copy(this.#output.slab, this.#output.end, from, from + 8);
  }

  goaway(lastStream: number, code: number, message: string): void {
    const text = Buffer.from(message);
    this.#begin(8 + text.length, FRAME.goaway, 0, 0);
    this.#uint32(lastStream);
    this.#uint32(code);
    this.#output.end += text.copy(this.#output.slab, this.#output.end);
  }

  reset(stream: number, code: number): void {
    this.#begin(4, FRAME.reset, 0, stream);
    this.#uint32(code);
  }

  windowUpdate(stream: number, increment: number): void {
    this.#begin(4, FRAME.windowUpdate, 0, stream);
    this.#uint32(increment);
  }

  #begin(size: number, type: number, flags: number, stream: number): void {
    this.#output.reserve(FRAME_HEAD + size);
    this.#head(size, type, flags, stream);
  }

  #head(size: number, type: number, flags: number, stream: number): void {
    const { slab, end } = this.#output;
    slab[end] = size >> 16;
    slab[end + 1] = size >> 8;
    slab[end + 2] = size;
    slab[end + 3] = type;
    slab[end + 4] = flags;
    slab[end + 5] = stream >> 24;
    slab[end + 6] = stream >> 16;
    slab[end + 7] = stream >> 8;
    slab[end + 8] = stream;
    this.#output.end = end + FRAME_HEAD;
  }

  #uint32(value: number): void {
    this.#output.end = this.#output.slab.writeUInt32BE(value, this.#output.end);
  }

  #longHeaders(stream: number, fields: Fields, most: number, flags: number): void {
    const block = takeBuffer(most);
    const size = this.#encoder.encode(fields, block, 0);
    for (let at = 0; at === 0 || at < size; at += MAX_FRAME) {
      const end = Math.min(size, at + MAX_FRAME);
      const isLast = end === size ? FLAG.endHeaders : 0;
      this.#begin(end - at, at === 0 ? FRAME.headers : FRAME.continuation, (at === 0 ? flags : 0) | isLast, stream);
      this.#output.end += block.copy(this.#output.slab, this.#output.end, at, end);
    }
    giveBuffer(block);
  }
}
