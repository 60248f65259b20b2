import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { HttpError } from "./http-error.ts";

const decoders = { gzip: createGunzip, "x-gzip": createGunzip, deflate: createInflate, br: createBrotliDecompress };

/** Whether a request announces a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/**
 * Reads the whole body and undoes its Content-Encoding. Both forms of it are bounded.
 *
 * @throws HttpError 413, 415, or 400 when the encoding is broken or the client stopped in the middle.
 */
export async function readBody(request: IncomingMessage, limit: number, signal: AbortSignal): Promise<Uint8Array> {
  const length = Number(request.headers["content-length"] ?? 0);
  if (length > limit) throw tooLarge(limit);
  const encoding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (encoding === "identity") return collect(request, limit, signal);
  if (!Object.hasOwn(decoders, encoding)) {
    throw new HttpError(415, "UNSUPPORTED_ENCODING", `The encoding "${encoding}" is not supported.`, {
      headers: { "Accept-Encoding": "gzip, br, deflate" },
    });
  }
  const decoder = decoders[encoding as keyof typeof decoders]();
  request.once("error", (error) => decoder.destroy(error));
  try {
    return await collect(request.pipe(decoder), limit, signal);
  } catch (cause) {
    if (cause instanceof HttpError) throw cause;
    throw new HttpError(400, "INVALID_ENCODING", `The body is not valid ${encoding}.`, { cause });
  } finally {
    request.unpipe(decoder);
    decoder.destroy();
  }
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

function tooLarge(limit: number): HttpError {
  return new HttpError(413, "BODY_TOO_LARGE", `The body has more than ${limit} bytes.`, {
    headers: { Connection: "close" },
  });
}
