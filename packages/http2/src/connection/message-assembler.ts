import { giveBuffer, takeBuffer } from "./buffer-pool.ts";
import { PREFIX } from "./send-queue.ts";

/** The reason why bytes are no message of gRPC: the byte before its length is neither 0 nor 1, or it is longer than the limit. */
export type MessageProblem = "unknown frame" | "too large";

/**
 * Assembles the messages of a stream. A message that arrives in one read is not copied; the rest is collected in buffers of a pool, so that
 * steady traffic allocates nothing outside the heap.
 */
export class MessageAssembler {
  readonly #limit: number;
  #bytes: Buffer | undefined;
  #from = 0;
  #to = 0;
  #isOwn = false;

  /** `limit` is the most bytes of a message. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The received bytes, with those before messages. */
  get size(): number {
    return this.#to - this.#from;
  }

  /** Whether a whole message is there. */
  get isComplete(): boolean {
    return this.size >= PREFIX && this.size >= PREFIX + this.length;
  }

  /** Whether there is more than one message. */
  get hasMore(): boolean {
    return this.size >= PREFIX && this.size > PREFIX + this.length;
  }

  /** The length of the first message, of which {@link PREFIX} bytes are there. */
  get length(): number {
    return this.#bytes?.readUInt32BE(this.#from + 1) ?? 0;
  }

  /** Whether the first message is compressed. */
  get isCompressed(): boolean {
    return this.#bytes?.[this.#from] === 1;
  }

  /** Adds bytes, which must remain unchanged until {@link own}. */
  add(bytes: Buffer, from: number, to: number): MessageProblem | undefined {
    if (from === to) return undefined;
    if (this.#bytes === undefined) {
      this.#bytes = bytes;
      this.#from = from;
      this.#to = to;
    } else {
      this.#own(this.size + to - from);
      this.#to += bytes.copy(this.#bytes, this.#to, from, to);
    }
    return this.#problem();
  }

  /** Copies bytes that belong to the reader. */
  own(): void {
    if (this.#bytes !== undefined && !this.#isOwn) this.#own(this.size);
  }

  /** Returns the first message, valid until the next call of this class or, without {@link own}, the end of the read. */
  get message(): Buffer {
    const start = this.#from + PREFIX;
    return (this.#bytes ?? EMPTY).subarray(start, start + this.length);
  }

  /** Removes the first message. */
  shift(): MessageProblem | undefined {
    this.#from += PREFIX + this.length;
    if (this.size > 0) return this.#problem();
    this.release();
    return undefined;
  }

  /** Drops all bytes. */
  release(): void {
    if (this.#isOwn && this.#bytes !== undefined) giveBuffer(this.#bytes);
    this.#bytes = undefined;
    this.#isOwn = false;
    this.#from = 0;
    this.#to = 0;
  }

  #problem(): MessageProblem | undefined {
    const flag = this.#bytes?.[this.#from] ?? 0;
    if (flag > 1) return "unknown frame";
    return this.size >= PREFIX && this.length > this.#limit ? "too large" : undefined;
  }

  /** Moves the bytes to a new buffer with space for `needed` bytes, limited to twice the received bytes for any announced length. */
  #own(needed: number): void {
    const { size } = this;
    const old = this.#bytes;
    if (old === undefined || (this.#isOwn && this.#from + needed <= old.length)) return;
    const announced = size >= PREFIX ? PREFIX + this.length : needed;
    const fresh = takeBuffer(Math.max(needed, Math.min(announced, 2 * needed)));
    old.copy(fresh, 0, this.#from, this.#to);
    if (this.#isOwn) giveBuffer(old);
    this.#bytes = fresh;
    this.#isOwn = true;
    this.#from = 0;
    this.#to = size;
  }
}

const EMPTY = Buffer.alloc(0);
