import { status as Status } from "@grpc/grpc-js";
import type { ResponseHeaders, UnaryCall } from "../outgoing-call.ts";
import { decompress } from "./decompress.ts";
import { expired, nonsense, unsent } from "./failure.ts";

/** The longest timer of Node.js. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The queue of calls that wait for a connection. */
export interface CallQueue<C> {
  /** Starts a call, or stores it until it can start. */
  place(call: QueuedCall<C>): void;
  /** Removes a call that has ended. */
  forget(call: QueuedCall<C>): void;
}

/** One unary call, from waiting for a connection to its response. It ends once and releases all its resources. */
export abstract class QueuedCall<C, out R = unknown> {
  readonly result: Promise<R>;
  protected readonly outgoing: UnaryCall<R>;
  readonly #queue: CallQueue<C>;
  readonly #timer: NodeJS.Timeout;
  #resolve: (result: never) => void = () => {};
  #reject: (reason: unknown) => void = () => {};
  #ended = false;
  #repeated = false;

  constructor(outgoing: UnaryCall<R>, queue: CallQueue<C>) {
    this.outgoing = outgoing;
    this.#queue = queue;
    this.result = new Promise<R>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const left = Math.min(LONGEST_TIMER_MS, Math.max(0, outgoing.deadline - Date.now()));
    this.#timer = setTimeout(onDeadline, left, this);
    outgoing.signal?.addEventListener("abort", this);
  }

  /** Sends the request. `left` is the time until the deadline in milliseconds. @throws Error when it cannot be sent */
  protected abstract send(connection: C, left: number): void;
  /** Cancels a request that was sent. */
  protected abstract cancel(): void;

  get ended(): boolean {
    return this.#ended;
  }

  /** Sends the request over a connection that is ready. */
  begin(connection: C): void {
    const left = this.outgoing.deadline - Date.now();
    if (left <= 0) {
      this.fail(expired());
      return;
    }
    try {
      this.send(connection, left);
    } catch (cause) {
      this.fail(cause);
    }
  }

  /** Ends the call in any state; a sent request is cancelled. */
  fail(reason: unknown): void {
    if (!this.#end()) return;
    this.cancel();
    this.#reject(reason);
  }

  /** Fails a call whose signal aborted. */
  handleEvent(): void {
    this.fail(this.outgoing.signal?.reason);
  }

  /** Fails a call whose deadline passed. */
  expire(): void {
    this.fail(expired());
  }

  /** Sends a call again that no callee has begun to process. Fails it the second time. */
  protected repeat(): void {
    if (this.#repeated) {
      this.fail(unsent("Stream refused."));
      return;
    }
    this.#repeated = true;
    this.#queue.place(this as QueuedCall<C>);
  }

  /** Ends the call with the message of its response, which this may still decompress. */
  protected succeed(bytes: Buffer, isCompressed: boolean, head: ResponseHeaders | undefined): void {
    if (this.#ended) return;
    if (!isCompressed) {
      this.#finish(bytes, head);
      return;
    }
    decompress(bytes, String(head?.["grpc-encoding"] ?? "identity")).then(
      (message) => this.#finish(message, head),
      (error: unknown) => this.fail(error),
    );
  }

  #finish(bytes: Buffer, head: ResponseHeaders | undefined): void {
    if (!this.#end()) return;
    try {
      this.#resolve(this.outgoing.read(bytes, head) as never);
    } catch (cause) {
      this.#reject(nonsense(Status.INTERNAL, "Response message parsing error", cause));
    }
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.outgoing.signal?.removeEventListener("abort", this);
    this.#queue.forget(this as QueuedCall<C>);
    return true;
  }
}

function onDeadline(call: QueuedCall<unknown>): void {
  call.expire();
}
