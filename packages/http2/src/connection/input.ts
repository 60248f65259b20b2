import { FRAME_HEAD, MAX_FRAME } from "../protocol.ts";
import { giveBuffer, takeBuffer } from "./buffer-pool.ts";

/** Room for the part of a frame that an earlier read left over. */
const HEADROOM = FRAME_HEAD + MAX_FRAME;
const READ = 2 ** 18;

/** All connections of a process read into this buffer, one after the other: its content is valid until the callback of the read returns. */
const shared = Buffer.allocUnsafeSlow(HEADROOM + READ);

/** The part of the shared buffer that sockets read into. */
export const READ_BUFFER = shared.subarray(HEADROOM);

/** Parses bytes from `from` to `to` and returns where the first incomplete frame begins. */
export type Parse = (bytes: Buffer, from: number, to: number) => number;

/** Puts the reads of one connection together: the frame that a read left incomplete continues with the next. */
export class Input {
  readonly #parse: Parse;
  #rest: Buffer | undefined;
  #restSize = 0;

  constructor(parse: Parse) {
    this.#parse = parse;
  }

  /** Parses the first `size` bytes of {@link READ_BUFFER}. */
  read(size: number): void {
    const from = HEADROOM - this.#restSize;
    const to = HEADROOM + size;
    if (this.#rest !== undefined) this.#rest.copy(shared, from, 0, this.#restSize);
    const at = this.#parse(shared, from, to);
    this.#restSize = to - at;
    if (this.#restSize === 0) this.release();
    else {
      this.#rest ??= takeBuffer(HEADROOM);
      shared.copy(this.#rest, 0, at, to);
    }
  }

  /** Parses bytes in a separate buffer. */
  readFrom(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at += READ) this.read(chunk.copy(READ_BUFFER, 0, at));
  }

  /** Returns its buffers to the pool. */
  release(): void {
    if (this.#rest !== undefined) giveBuffer(this.#rest);
    this.#rest = undefined;
    this.#restSize = 0;
  }
}
