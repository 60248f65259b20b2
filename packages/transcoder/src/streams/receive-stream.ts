import type { Message } from "@bufbuild/protobuf";
import type { Call, StreamCall } from "../call.ts";
import { HttpError } from "../problems/http-error.ts";
import { buildRequest, takesBytes } from "../request/build-request.ts";
import { type Exchange, splitTarget } from "../request/exchange.ts";
import { parseMediaType } from "../request/media-type.ts";
import { hasBody, readChunks, receiveStart } from "../request/read-body.ts";
import { startClock } from "../request/receive.ts";
import type { Transcoder } from "../transcoder.ts";
import { cutArray, cutLines } from "./cut-messages.ts";

/**
 * Makes a request that streams messages a call. The first message is read before the call is made, so that a request
 * that is wrong from its beginning never reaches an upstream.
 *
 * @throws HttpError
 */
export async function receiveStream(transcoder: Transcoder, exchange: Exchange): Promise<StreamCall> {
  const deadline = startClock(transcoder, exchange);
  await receiveStart(exchange.request.raw, exchange.signal);
  const messages = readMessages(transcoder, exchange, deadline, bodies(transcoder, exchange));
  const first = await messages.next();
  return { ...exchange, deadline, messages: resumed(first, messages) };
}

/**
 * Builds the message of each body. Path and query are bound in all of them; pointers begin with the number of the message. An error aborts
 * the call.
 */
export async function* readMessages(
  transcoder: Transcoder,
  exchange: Exchange,
  deadline: number,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Message> {
  let index = 0;
  try {
    for await (const body of source) {
      const message = buildMessage(transcoder, exchange, body);
      const call: Call = { ...exchange, message, deadline };
      await transcoder.options.prepare?.(call);
      yield message;
      index++;
    }
  } catch (error) {
    const placed = error instanceof HttpError ? placedAt(index, error) : error;
    exchange.abort(placed);
    throw placed;
  }
}

/** Builds one message of a stream from the path, the query and a body. @throws HttpError 400 */
export function buildMessage(
  { options, reader, limits }: Transcoder,
  { request, found, method }: Exchange,
  body: Uint8Array | undefined,
): Message {
  const { query } = splitTarget(request.raw.url ?? "/");
  const contentType = request.headers["content-type"];
  const ignoreUnknown = options.ignoresUnknownQuery?.(method) ?? false;
  return buildRequest({ found, query, body, contentType }, reader, limits.json, ignoreUnknown);
}

function bodies({ limits }: Transcoder, { request, found, signal }: Exchange): AsyncIterable<Uint8Array> {
  if (!hasBody(request.raw)) return nothing();
  const chunks = readChunks(request.raw, signal);
  if (takesBytes(found.route)) return chunks;
  const isNdjson = parseMediaType(request.headers["content-type"] ?? "")?.type === "application/x-ndjson";
  return isNdjson ? cutLines(chunks, limits.bodyBytes) : cutArray(chunks, limits.bodyBytes);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* resumed(
  first: IteratorResult<Message, undefined>,
  rest: AsyncGenerator<Message, undefined>,
): AsyncGenerator<Message> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

function placedAt(index: number, error: HttpError): HttpError {
  const { status, reason, code, headers } = error;
  const violations = error.violations.map((v) =>
    v.pointer === undefined ? v : { ...v, pointer: `/${index}${v.pointer}` },
  );
  return new HttpError(status, reason, error.text, { code, headers, violations, cause: error });
}
