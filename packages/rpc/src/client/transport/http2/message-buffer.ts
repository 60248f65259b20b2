import { status as Status } from "@grpc/grpc-js";
import type { CallFailure } from "../../call-failure.ts";
import { LONGEST_MESSAGE, nonsense } from "../unary/failure.ts";

/** Before a message: whether it is compressed, and its length. */
const PREFIX = 5;

/** Assembles the one message of a unary response from its pieces. Nearly always there is only one. */
export class MessageBuffer {
  #first: Buffer | undefined;
  #rest: Buffer[] | undefined;
  #size = 0;

  /** Adds a chunk. Returns the fault of the response, or undefined. */
  add(piece: Buffer): CallFailure | undefined {
    this.#size += piece.length;
    if (this.#first === undefined) this.#first = piece;
    else if (this.#first.length < PREFIX) this.#first = Buffer.concat([this.#first, piece]);
    else {
      this.#rest ??= [];
      this.#rest.push(piece);
    }
    if (this.#first.length < PREFIX) return undefined;
    if (this.#first[0] !== 0 && this.#first[0] !== 1) return nonsense(Status.INTERNAL, "Received an unknown frame");
    const length = this.#first.readUInt32BE(1);
    if (length > LONGEST_MESSAGE) return nonsense(Status.RESOURCE_EXHAUSTED, "Received message larger than max");
    if (this.#size > length + PREFIX) return nonsense(Status.UNIMPLEMENTED, "Too many responses received");
    return undefined;
  }

  /** Whether the message is compressed. */
  get isCompressed(): boolean {
    return this.#first?.[0] === 1;
  }

  /** Whether the response ended in the middle of its message. */
  get isTruncated(): boolean {
    return this.#size > 0 && this.message() === undefined;
  }

  /** The message without its prefix; undefined as long as bytes are missing. */
  message(): Buffer | undefined {
    const first = this.#first;
    if (first === undefined || first.length < PREFIX || this.#size < first.readUInt32BE(1) + PREFIX) return undefined;
    const whole = this.#rest === undefined ? first : Buffer.concat([first, ...this.#rest], this.#size);
    return whole.subarray(PREFIX);
  }
}
