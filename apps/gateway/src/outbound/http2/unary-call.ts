import { type ClientHttp2Stream, constants, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from "node:http2";
import { type Answer, Status } from "@kontor/transcoder";
import { answerHeaders } from "../answer-headers.ts";
import type { Outgoing } from "../channel.ts";
import { codecOf } from "../codec.ts";
import type { Connection } from "./connection.ts";
import { decompress } from "./decompress.ts";
import { codeIn, expired, nonsense, REFUSED_STREAM, refused, reset, unavailable, withoutStatus } from "./failure.ts";
import { MessageBuffer } from "./message-buffer.ts";
import { headersOf } from "./request-headers.ts";

/** Where a stream keeps its call: handlers that all streams share cost less than closures for each. */
const callKey = Symbol("call");
type Stream = ClientHttp2Stream & { [callKey]?: UnaryCall };
type Head = IncomingHttpHeaders & IncomingHttpStatusHeader;

const END_STREAM = constants.NGHTTP2_FLAG_END_STREAM;

/** Where calls wait for a connection. */
export interface CallKeeper {
  /** Begins a call, or keeps it until it can. */
  place(call: UnaryCall): void;
  /** Keeps a call no longer: it has ended. */
  forget(call: UnaryCall): void;
}

/** One unary call, from when it waits for a connection to its answer. It ends once, and then leaves nothing behind. */
export class UnaryCall {
  readonly answer: Promise<Answer>;
  readonly #outgoing: Outgoing;
  readonly #keeper: CallKeeper;
  readonly #timer: NodeJS.Timeout;
  readonly #received = new MessageBuffer();
  #resolve: (answer: Answer) => void = () => {};
  #reject: (reason: unknown) => void = () => {};
  #ended = false;
  #repeated = false;
  #connection: Connection | undefined;
  #stream: Stream | undefined;
  #head: Head | undefined;
  #succeeded = false;

  /** Asks the keeper, once at most, to repeat a call that no upstream has begun to process. */
  constructor(outgoing: Outgoing, keeper: CallKeeper) {
    this.#outgoing = outgoing;
    this.#keeper = keeper;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(onDeadline, Math.max(0, outgoing.deadline - Date.now()), this);
    outgoing.signal.addEventListener("abort", this);
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

  /** The signal of the call aborts. */
  handleEvent(): void {
    this.fail(this.#outgoing.signal.reason);
  }

  /** The deadline passes. */
  expire(): void {
    this.fail(expired());
  }

  response(head: Head, flags: number): void {
    if (this.#connection) this.#connection.heard = true;
    if ((flags & END_STREAM) === 0) this.#head = head;
    else this.trailers(head);
  }

  data(chunk: Buffer): void {
    if (this.#ended || (this.#head?.[":status"] ?? 200) !== 200) return; // What a proxy says of itself is no message.
    const wrong = this.#received.add(chunk);
    if (wrong !== undefined) this.fail(wrong);
  }

  trailers(trailers: IncomingHttpHeaders): void {
    const code = codeIn(trailers["grpc-status"]);
    if (code === undefined) this.fail(withoutStatus(this.#head ?? trailers));
    else if (code !== 0) this.fail(refused(code, trailers, this.#head !== undefined));
    else this.#succeed();
  }

  /** The stream is over; so is the call, if nothing ended it before. */
  closed(stream: Stream): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    connection.leave();
    if (this.#ended || stream !== this.#stream) return;
    const { rstCode = 0 } = stream;
    const isRefused = rstCode === REFUSED_STREAM;
    // Who has begun to answer has worked on the call, whatever is said after that.
    const untouched = this.#head === undefined && (isRefused || (stream.id ?? 0) > connection.lastProcessed);
    if (untouched && !this.#repeated) {
      this.#repeated = true;
      this.#stream = undefined;
      this.#keeper.place(this);
    } else if (untouched) this.fail(unavailable("Stream refused."));
    else if (connection.session.destroyed || isRefused) this.fail(unavailable("The connection was lost."));
    else if (rstCode !== 0) this.fail(reset(rstCode));
    else if (this.#succeeded) this.fail(nonsense(Status.UNIMPLEMENTED, "No message received"));
    else this.fail(withoutStatus(this.#head ?? {}));
  }

  #succeed(): void {
    const bytes = this.#received.message();
    this.#succeeded = true;
    if (bytes === undefined || this.#ended) return;
    if (this.#received.isCompressed) {
      this.#stream = undefined; // Its end says no more about the call.
      decompress(bytes, String(this.#head?.["grpc-encoding"] ?? "identity")).then(
        (message) => this.#finish(message),
        (error: unknown) => this.fail(error),
      );
    } else this.#finish(bytes);
  }

  #finish(bytes: Buffer): void {
    if (!this.#end()) return;
    try {
      const headers = this.#head && answerHeaders(this.#head);
      this.#resolve(codecOf(this.#outgoing.method).answer(bytes, headers, this.#outgoing.route));
    } catch (cause) {
      this.#reject(nonsense(Status.INTERNAL, "Response message parsing error", cause));
    }
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#outgoing.signal.removeEventListener("abort", this);
    this.#keeper.forget(this);
    return true;
  }
}

function onDeadline(call: UnaryCall): void {
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
  // The end of the stream follows, and says the rest.
}

function onClose(this: Stream): void {
  this[callKey]?.closed(this);
}
