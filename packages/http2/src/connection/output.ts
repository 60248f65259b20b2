import type { Socket } from "node:net";
import { giveBuffer, takeBuffer } from "./buffer-pool.ts";

const SLAB = 2 ** 16;
/** While more bytes wait in the socket, no more DATA is written. */
const MAX_WAITING = 2 ** 18;

/**
 * Collects the frames of a connection and writes them once per turn of the event loop. The slab is reused as soon as the kernel has
 * taken its bytes, which is nearly always at once.
 */
export class Output {
  /** The slab: bytes are written at `end`, after {@link reserve}. */
  slab: Buffer;
  end = 0;
  readonly #socket: Socket;
  readonly #beforeFlush: () => void;
  readonly #flush = (): void => {
    this.#isScheduled = false;
    this.#beforeFlush();
    this.flush();
  };
  #isScheduled = false;
  #hasSlab = false;

  /** `beforeFlush` may write more frames. */
  constructor(socket: Socket, beforeFlush: () => void) {
    this.#socket = socket;
    this.#beforeFlush = beforeFlush;
    this.slab = EMPTY;
    socket.on("drain", () => this.schedule());
  }

  /** The bytes that the kernel has not taken. */
  get waiting(): number {
    return this.#socket.writableLength + this.end;
  }

  /** Whether the peer does not read fast enough, so that DATA has to wait. */
  get isFull(): boolean {
    return this.#socket.writableLength > MAX_WAITING;
  }

  /** Reserves `size` bytes at `end`, and schedules the flush. The limit of `size` is the slab's, 64 KiB. */
  reserve(size: number): void {
    if (!this.#hasSlab || this.end + size > SLAB) {
      this.flush();
      this.slab = takeBuffer(SLAB);
      this.#hasSlab = true;
    }
    this.schedule();
  }

  /** Schedules a flush at the end of this turn. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#flush);
  }

  /** Writes the collected bytes. */
  flush(): void {
    if (!this.#hasSlab) return;
    const { slab, end } = this;
    this.slab = EMPTY;
    this.end = 0;
    this.#hasSlab = false;
    const socket = this.#socket;
    if (end === 0 || socket.destroyed || socket.writableEnded) giveBuffer(slab);
    else if (socket.writableLength > 0) socket.write(slab.subarray(0, end), () => giveBuffer(slab));
    else {
      socket.write(slab.subarray(0, end));
      // Nothing waits: the kernel has the bytes.
      if (socket.writableLength === 0) giveBuffer(slab);
    }
  }
}

const EMPTY = Buffer.alloc(0);
