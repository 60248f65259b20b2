import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { type HttpError, refusal } from "../problems/http-error.ts";
import { say } from "../problems/text.ts";
import { decodeBody } from "./decode-body.ts";
import { orAborted } from "./or-aborted.ts";

/** Whether the head of a request announces a body. */
export function announcesBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;
}

/** Returns whether a request has content, by the bytes received so far: a chunked body without any is none (RFC 9110, section 6.4.1). */
export function hasBody(request: IncomingMessage): boolean {
  if (request.headers["transfer-encoding"] === undefined) return announcesBody(request);
  return !request.complete || request.readableLength > 0;
}

/** Resolves when it is certain whether a request has content: at once, unless it is chunked and nothing was received yet. */
export async function receiveStart(request: IncomingMessage, signal: AbortSignal): Promise<void> {
  const isCertain = request.headers["transfer-encoding"] === undefined || request.complete;
  if (isCertain || request.readableLength > 0) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  request.once("readable", resolve).once("error", reject);
  try {
    await orAborted(promise, signal);
  } finally {
    request.off("readable", resolve).off("error", reject);
  }
}

/**
 * Reads the whole body and undoes its Content-Encoding. Both forms of it are bounded.
 *
 * @throws HttpError 413, 415, or 400 when the encoding is broken or the client stopped in the middle.
 */
export async function readBody(request: IncomingMessage, limit: number, signal: AbortSignal): Promise<Uint8Array> {
  const length = Number(request.headers["content-length"] ?? 0);
  if (length > limit) throw tooLarge(limit);
  using body = decodeBody(request);
  try {
    return await collect(body.stream, limit, signal);
  } catch (cause) {
    throw body.explain(cause);
  }
}

/** Reads the body chunk by chunk, as fast as chunks are taken. @throws HttpError as {@link readBody} does, but never 413 */
export async function* readChunks(request: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  using body = decodeBody(request);
  const chunks = body.stream.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const step = await orAborted<IteratorResult<Uint8Array, undefined>>(chunks.next(), signal);
      if (step.done === true) return;
      yield step.value;
    }
  } catch (cause) {
    throw body.explain(cause);
  }
}

/** A 413. The rest of the body is not worth reading. */
export function tooLarge(limit: number, code: "TOO_LARGE_BODY" | "TOO_LARGE_MESSAGE" = "TOO_LARGE_BODY"): HttpError {
  return refusal("BODY_TOO_LARGE", say(code, { max: limit }), {
    headers: { Connection: "close" },
  });
}

async function collect(stream: Readable, limit: number, signal: AbortSignal): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const chunks: Buffer[] = [];
  let size = 0;
  const onData = (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) reject(tooLarge(limit));
    else chunks.push(chunk);
  };
  const onEnd = () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size));
  const onAbort = () => reject(signal.reason);
  stream.on("data", onData).once("end", onEnd).once("error", reject);
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  try {
    return await promise;
  } finally {
    stream
      .off("data", onData)
      .off("end", onEnd)
      .off("error", reject)
      .on("error", () => {});
    signal.removeEventListener("abort", onAbort);
  }
}
