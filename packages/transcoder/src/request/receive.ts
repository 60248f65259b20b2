import type { IncomingMessage } from "node:http";
import type { FastifyReply } from "fastify";
import { type Call, encodedCall } from "../call.ts";
import { Status } from "../problems/code.ts";
import { HttpError, refusal } from "../problems/http-error.ts";
import { RpcError } from "../problems/rpc-error.ts";
import { say } from "../problems/text.ts";
import type { Route } from "../routing/route.ts";
import type { Transcoder } from "../transcoder.ts";
import { requireBodyType } from "./body-types.ts";
import { buildRequest, takesBytes } from "./build-request.ts";
import { timeoutOf } from "./deadline.ts";
import { encodeRequest } from "./encode-request.ts";
import { type Exchange, splitTarget } from "./exchange.ts";
import { expectsContinue, sendContinue } from "./expectation.ts";
import { singleHeader } from "./headers.ts";
import { hasBody, readBody, receiveStart, tooLarge } from "./read-body.ts";

/** Waits until it is certain whether the request has a body, and checks its head before it is read. @throws HttpError 400, 413, 415 */
export async function admitBody(transcoder: Transcoder, exchange: Exchange, reply: FastifyReply): Promise<void> {
  const { request, signal, found } = exchange;
  const check = () => checkBody(found.route, request.raw, transcoder.limits.bodyBytes);
  const isChunked = request.raw.headers["transfer-encoding"] !== undefined;
  if (!isChunked || found.route.method.methodKind === "bidi_streaming") return check(); // A handshake may have no content.
  if (expectsContinue(request.raw)) {
    if (succeeds(check)) return; // The body follows once the request is admitted.
    sendContinue(request.raw, reply.raw); // A chunked body may prove empty, and then its head is of no interest.
  }
  startClock(transcoder, exchange);
  await receiveStart(request.raw, signal);
  check();
}

function succeeds(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (error instanceof HttpError) return false;
    throw error;
  }
}

function checkBody(route: Route, request: IncomingMessage, limit: number): void {
  const contentType = singleHeader(request, "Content-Type");
  if (!hasBody(request)) return;
  if (route.body.kind === "none") throw refusal("BODY_NOT_ALLOWED", say("BODY_NOT_ALLOWED"));
  const streams = route.method.methodKind === "client_streaming";
  if (!streams && Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge(limit);
  if (!takesBytes(route)) requireBodyType(contentType, route);
}

/** Sets the call's deadline, once, and returns it in milliseconds since the epoch. @throws HttpError 400 */
export function startClock({ options, limits }: Transcoder, exchange: Exchange): number {
  if (exchange.deadline !== undefined) return exchange.deadline;
  const wanted = singleHeader(exchange.request.raw, "X-Request-Timeout");
  const deadline = exchange.arrived + timeoutOf(wanted, options.timeoutOf?.(exchange.method), limits.deadline);
  exchange.deadline = deadline;
  exchange.endAt(deadline, () => new RpcError(Status.DEADLINE_EXCEEDED, "The deadline has passed."));
  return deadline;
}

/** Reads the request to its end and makes it a call, ready to be made. @throws HttpError */
export async function receiveCall(transcoder: Transcoder, exchange: Exchange): Promise<Call> {
  const { options, reader, limits } = transcoder;
  const { request, found, method, signal } = exchange;
  const deadline = startClock(transcoder, exchange);
  await receiveStart(request.raw, signal);
  const body = hasBody(request.raw) ? await readBody(request.raw, limits.bodyBytes, signal) : undefined;
  const { query } = splitTarget(request.raw.url ?? "/");
  const parts = { found, query, body, contentType: request.headers["content-type"] };
  const gates = options.gates?.(method);
  const encoded = gates && encodeRequest(parts, gates, limits.json);
  const call = encoded ? encodedCall(exchange, encoded, deadline) : { ...exchange, message: build(), deadline };
  await options.prepare?.(call);
  signal.throwIfAborted();
  return call;

  function build() {
    return buildRequest(parts, reader, limits.json, options.ignoresUnknownQuery?.(method) ?? false);
  }
}
