import { status as Status } from "@grpc/grpc-js";
import type { ClientStream, Fields, MessageProblem, Response, ResponseReceiver, StreamEnd } from "@kontor/http2";
import { codecOf } from "../codec.ts";
import {
  codeIn,
  lost,
  nonsense,
  REFUSED_STREAM,
  refused,
  reset,
  withoutMessage,
  withoutStatus,
} from "../unary/failure.ts";
import { QueuedCall } from "../unary/queued-call.ts";
import { headersOf } from "../unary/request-headers.ts";
import type { LeanConnection } from "./lean-connection.ts";

/** One unary call over our own HTTP/2. */
export class LeanCall<R> extends QueuedCall<LeanConnection, R> implements ResponseReceiver {
  #stream: ClientStream | undefined;

  protected override send({ http2, authority }: LeanConnection, left: number): void {
    const { method, message, metadata } = this.outgoing;
    const { path, serialize } = codecOf(method);
    const body = serialize(message);
    this.#stream = http2.request(headersOf(authority, path, left, metadata), body, this);
  }

  protected override cancel(): void {
    this.#stream?.cancel();
  }

  onResponse({ head: headFields, trailers: trailerFields, message, ...response }: Response): void {
    this.#stream = undefined;
    const head = toHeaders(headFields);
    const began = trailerFields !== headFields;
    const trailers = trailerFields === undefined ? {} : began ? toHeaders(trailerFields) : head;
    const code = codeIn(trailers["grpc-status"]);
    if (code === undefined) this.fail(withoutStatus(head));
    else if (code !== 0) this.fail(refused(code, trailers, began));
    else if (response.hasMore) this.fail(nonsense(Status.UNIMPLEMENTED, "Too many responses received"));
    else if (message === undefined) this.fail(withoutMessage(response.isTruncated));
    else this.succeed(Buffer.from(message), response.isCompressed, head); // The copy is in a pool when it is small.
  }

  onProblem(problem: MessageProblem | "fields too large"): void {
    this.#stream = undefined;
    if (problem === "unknown frame") this.fail(nonsense(Status.INTERNAL, "Received an unknown frame"));
    else {
      const what = problem === "too large" ? "message" : "metadata";
      this.fail(nonsense(Status.RESOURCE_EXHAUSTED, `Received ${what} larger than max`));
    }
  }

  onClosed({ code, unprocessed }: StreamEnd, began: boolean): void {
    this.#stream = undefined;
    // A callee that has begun its response has processed the call, even if it resets the stream afterwards.
    if (unprocessed && !began) this.repeat();
    else if (code === undefined || code === REFUSED_STREAM) this.fail(lost("The connection was lost."));
    else if (code !== 0) this.fail(reset(code));
    else this.fail(withoutStatus({}));
  }
}

/** Returns fields by name; of several values of a name the first. */
function toHeaders(fields: Fields): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (let at = 0; at < fields.length; at += 2) headers[fields[at] ?? ""] ??= fields[at + 1] ?? "";
  return headers;
}
