import { type ClientHttp2Stream, constants, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from "node:http2";
import { codecOf } from "../codec.ts";
import { codeIn, lost, REFUSED_STREAM, refused, reset, withoutMessage, withoutStatus } from "../unary/failure.ts";
import { QueuedCall } from "../unary/queued-call.ts";
import { headersOf } from "../unary/request-headers.ts";
import type { Connection } from "./connection.ts";
import { MessageBuffer } from "./message-buffer.ts";

/** The property of a stream that contains its call: handlers that all streams share cost less than closures for each. */
const callKey = Symbol("call");
type Stream = ClientHttp2Stream & { [callKey]?: Http2Call<unknown> };
type Head = IncomingHttpHeaders & IncomingHttpStatusHeader;

const END_STREAM = constants.NGHTTP2_FLAG_END_STREAM;

/** One unary call over node:http2. */
export class Http2Call<R> extends QueuedCall<Connection, R> {
  readonly #received = new MessageBuffer();
  #connection: Connection | undefined;
  #stream: Stream | undefined;
  #head: Head | undefined;
  #succeeded = false;

  protected override send(connection: Connection, left: number): void {
    const { method, message, metadata } = this.outgoing;
    const { path, frame } = codecOf(method);
    const body = frame(message);
    const stream: Stream = connection.session.request(headersOf(connection.authority, path, left, metadata));
    stream[callKey] = this as Http2Call<unknown>;
    stream.on("response", onResponse).on("data", onData).on("trailers", onTrailers);
    stream.on("error", onError).on("close", onClose);
    stream.end(body);
    this.#stream = stream;
    this.#connection = connection;
    this.#head = undefined;
    connection.enter();
  }

  protected override cancel(): void {
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }

  response(head: Head, flags: number): void {
    if (this.#connection) this.#connection.heard = true;
    if ((flags & END_STREAM) === 0) this.#head = head;
    else this.trailers(head);
  }

  data(chunk: Buffer): void {
    if (this.ended || (this.#head?.[":status"] ?? 200) !== 200) return; // The page of a proxy is no message.
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
    if (this.ended || stream !== this.#stream) return;
    const { rstCode = 0 } = stream;
    const isRefused = rstCode === REFUSED_STREAM;
    // A callee that has begun its response has processed the call, even if it resets the stream afterwards.
    const untouched = this.#head === undefined && (isRefused || (stream.id ?? 0) > connection.lastProcessed);
    if (untouched) {
      this.#stream = undefined;
      this.repeat();
    } else if (connection.session.destroyed || isRefused) this.fail(lost("The connection was lost."));
    else if (rstCode !== 0) this.fail(reset(rstCode));
    else if (this.#succeeded) this.fail(withoutMessage(this.#received.isTruncated));
    else this.fail(withoutStatus(this.#head ?? {}));
  }

  #succeed(): void {
    const bytes = this.#received.message();
    this.#succeeded = true;
    if (bytes === undefined) return;
    if (this.#received.isCompressed) this.#stream = undefined; // Its end no longer ends the call.
    this.succeed(bytes, this.#received.isCompressed, this.#head);
  }
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
