import { type ClientHttp2Stream, constants, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from "node:http2";
import { status as Status } from "@grpc/grpc-js";
import { codecOf } from "../codec.ts";
import type { UnaryCall } from "../outgoing-call.ts";
import type { Connection } from "./connection.ts";
import { decompress } from "./decompress.ts";
import { codeIn, expired, lost, nonsense, REFUSED_STREAM, refused, reset, unsent, withoutStatus } from "./failure.ts";
import { MessageBuffer } from "./message-buffer.ts";
import { headersOf } from "./request-headers.ts";

/** The property of a stream that holds its call: handlers that all streams share cost less than closures for each. */
const callKey = Symbol("call");
type Stream = ClientHttp2Stream & { [callKey]?: Http2Call<unknown> };
type Head = IncomingHttpHeaders & IncomingHttpStatusHeader;

const END_STREAM = constants.NGHTTP2_FLAG_END_STREAM;

/** The longest timer of Node.js. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The queue of calls that wait for a connection. */
export interface CallQueue {
  /** Starts a call, or stores it until it can start. */
  place(call: Http2Call<unknown>): void;
  /** Removes a call that has ended. */
  forget(call: Http2Call<unknown>): void;
}

/** One unary call, from waiting for a connection to its response. It ends once and leaves nothing behind. */
export class Http2Call<out R> {
  readonly result: Promise<R>;
  readonly #outgoing: UnaryCall<R>;
  readonly #queue: CallQueue;
  readonly #timer: NodeJS.Timeout;
  readonly #received = new MessageBuffer();
  #resolve: (result: never) => void = () => {};
  #reject: (reason: unknown) => void = () => {};
  #ended = false;
  #repeated = false;
  #connection: Connection | undefined;
  #stream: Stream | undefined;
  #head: Head | undefined;
  #succeeded = false;

  /** Returns to the queue, once at most, when no callee has begun to process the call. */
  constructor(outgoing: UnaryCall<R>, queue: CallQueue) {
    this.#outgoing = outgoing;
    this.#queue = queue;
    this.result = new Promise<R>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const left = Math.min(LONGEST_TIMER_MS, Math.max(0, outgoing.deadline - Date.now()));
    this.#timer = setTimeout(onDeadline, left, this);
    outgoing.signal?.addEventListener("abort", this);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Sends the request over a connection that is ready. */
  begin(connection: Connection): void {
    const { method, message, metadata, deadline } = this.#outgoing;
    const { path, frame } = codecOf(method);
    const left = deadline - Date.now();
    if (left <= 0) {
      this.fail(expired());
      return;
    }
    try {
      const body = frame(message);
      const stream: Stream = connection.session.request(headersOf(connection.authority, path, left, metadata));
      stream[callKey] = this;
      stream.on("response", onResponse).on("data", onData).on("trailers", onTrailers);
      stream.on("error", onError).on("close", onClose);
      stream.end(body);
      this.#stream = stream;
    } catch (cause) {
      this.fail(cause);
      return;
    }
    this.#connection = connection;
    this.#head = undefined;
    connection.enter();
  }

  /** Ends the call, wherever it is; a request under way is cancelled. */
  fail(reason: unknown): void {
    if (!this.#end()) return;
    this.#stream?.close(constants.NGHTTP2_CANCEL);
    this.#reject(reason);
  }

  /** Fails a call whose signal aborted. */
  handleEvent(): void {
    this.fail(this.#outgoing.signal?.reason);
  }

  /** Fails a call whose deadline passed. */
  expire(): void {
    this.fail(expired());
  }

  response(head: Head, flags: number): void {
    if (this.#connection) this.#connection.heard = true;
    if ((flags & END_STREAM) === 0) this.#head = head;
    else this.trailers(head);
  }

  data(chunk: Buffer): void {
    if (this.#ended || (this.#head?.[":status"] ?? 200) !== 200) return; // The page of a proxy is no message.
    const wrong = this.#received.add(chunk);
    if (wrong !== undefined) this.fail(wrong);
  }

  trailers(trailers: IncomingHttpHeaders): void {
    const code = codeIn(trailers["grpc-status"]);
    if (code === undefined) this.fail(withoutStatus(this.#head ?? trailers));
    else if (code !== 0) this.fail(refused(code, trailers, this.#head !== undefined));
    else this.#succeed();
  }

  /** Ends the call with its stream, if nothing ended it before. */
  closed(stream: Stream): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    connection.leave();
    if (this.#ended || stream !== this.#stream) return;
    const { rstCode = 0 } = stream;
    const isRefused = rstCode === REFUSED_STREAM;
    // A callee that has begun its response has worked on the call, whatever it sends after that.
    const untouched = this.#head === undefined && (isRefused || (stream.id ?? 0) > connection.lastProcessed);
    if (untouched && !this.#repeated) {
      this.#repeated = true;
      this.#stream = undefined;
      this.#queue.place(this);
    } else if (untouched) this.fail(unsent("Stream refused."));
    else if (connection.session.destroyed || isRefused) this.fail(lost("The connection was lost."));
    else if (rstCode !== 0) this.fail(reset(rstCode));
    else if (this.#succeeded) this.fail(nonsense(Status.UNIMPLEMENTED, "No message received"));
    else this.fail(withoutStatus(this.#head ?? {}));
  }

  #succeed(): void {
    const bytes = this.#received.message();
    this.#succeeded = true;
    if (bytes === undefined || this.#ended) return;
    if (this.#received.isCompressed) {
      this.#stream = undefined; // Its end no longer ends the call.
      decompress(bytes, String(this.#head?.["grpc-encoding"] ?? "identity")).then(
        (message) => this.#finish(message),
        (error: unknown) => this.fail(error),
      );
    } else this.#finish(bytes);
  }

  #finish(bytes: Buffer): void {
    if (!this.#end()) return;
    try {
      this.#resolve(this.#outgoing.read(bytes, this.#head) as never);
    } catch (cause) {
      this.#reject(nonsense(Status.INTERNAL, "Response message parsing error", cause));
    }
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#outgoing.signal?.removeEventListener("abort", this);
    this.#queue.forget(this);
    return true;
  }
}

function onDeadline(call: Http2Call<unknown>): void {
  call.expire();
}

function onResponse(this: Stream, head: Head, flags: number): void {
  this[callKey]?.response(head, flags);
}

function onData(this: Stream, chunk: Buffer): void {
  this[callKey]?.data(chunk);
}

function onTrailers(this: Stream, trailers: IncomingHttpHeaders): void {
  this[callKey]?.trailers(trailers);
}

function onError(): void {
  // The end of the stream follows and carries the reason.
}

function onClose(this: Stream): void {
  this[callKey]?.closed(this);
}
