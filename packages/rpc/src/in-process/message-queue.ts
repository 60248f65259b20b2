import { status as Status } from "@grpc/grpc-js";
import { CallFailure } from "../client/call-failure.ts";

/** The window of a stream, as in HTTP/2: the messages that a callee may send before its caller reads. */
const WINDOW_BYTES = 65_535;

/** The messages of a stream between a callee and a caller that reads more slowly. */
export class MessageQueue {
  readonly #longest: number;
  #messages: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;
  #readable: (() => void) | undefined;
  #writable: (() => void) | undefined;

  constructor(longestMessage: number) {
    this.#longest = longestMessage;
  }

  /** Adds a message. Resolves when the next one may follow; undefined when it may at once. */
  add(message: Buffer): Promise<void> | undefined {
    if (message.length > this.#longest) {
      const what = "Received message larger than max";
      this.fail(new CallFailure(Status.RESOURCE_EXHAUSTED, what, { transport: true }));
      return undefined;
    }
    this.#messages.push(message);
    this.#bytes += message.length;
    this.#readable?.();
    if (this.#bytes < WINDOW_BYTES) return undefined;
    return new Promise((resolve) => {
      this.#writable = resolve;
    });
  }

  /** Ends the stream after its queued messages. */
  end(): void {
    this.#ended = true;
    this.#readable?.();
  }

  /** Ends the stream. A callee's error follows its messages; a cancellation by the caller drops them. */
  fail(reason: unknown): void {
    this.#failure = { reason };
    if (!(reason instanceof CallFailure && reason.answered)) this.#messages = [];
    this.#readable?.();
  }

  /** Returns the next message, and undefined after the last. @throws the error that ended the stream */
  async next(): Promise<Buffer | undefined> {
    while (this.#messages.length === 0) {
      if (this.#failure) throw this.#failure.reason;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#readable = resolve;
      });
    }
    const message = this.#messages.shift();
    this.#bytes -= message?.length ?? 0;
    if (this.#bytes < WINDOW_BYTES) this.#writable?.();
    return message;
  }
}
