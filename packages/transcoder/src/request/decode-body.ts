import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { HttpError, refusal } from "../problems/http-error.ts";
import { RpcError } from "../problems/rpc-error.ts";
import { say } from "../problems/text.ts";

const decoders = { gzip: createGunzip, "x-gzip": createGunzip, deflate: createInflate, br: createBrotliDecompress };

/** The bytes of a body without its Content-Encoding. */
export interface DecodedBody extends Disposable {
  readonly stream: Readable;
  /** Returns the error for the client after a failure of the stream. */
  explain(cause: unknown): unknown;
}

/** Undoes the Content-Encoding of a request. @throws HttpError 415 */
export function decodeBody(request: IncomingMessage): DecodedBody {
  const encoding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (encoding === "identity") return { stream: request, explain: (cause) => cause, [Symbol.dispose]() {} };
  if (!Object.hasOwn(decoders, encoding)) {
    throw refusal("UNSUPPORTED_ENCODING", say("UNSUPPORTED_ENCODING", { encoding }), {
      headers: { "Accept-Encoding": "gzip, br, deflate" },
    });
  }
  const decoder = decoders[encoding as keyof typeof decoders]();
  const fail = (error: Error) => decoder.destroy(error);
  request.once("error", fail);
  return {
    stream: request.pipe(decoder),
    explain: (cause) =>
      cause instanceof HttpError || cause instanceof RpcError
        ? cause
        : refusal("INVALID_ENCODING", say("INVALID_ENCODING", { encoding }), { cause }),
    [Symbol.dispose]() {
      request.unpipe(decoder).off("error", fail);
      decoder.destroy();
    },
  };
}
