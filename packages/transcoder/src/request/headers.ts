import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { badHeader } from "../problems/http-error.ts";
import { say } from "../problems/text.ts";

/** The value of a header that may be given once. A comma in it does not make two. @throws HttpError 400 when it is given twice */
export function singleHeader({ headers, rawHeaders }: IncomingMessage, name: string): string | undefined {
  const key = name.toLowerCase();
  if (headers[key] === undefined) return undefined;
  let value: string | undefined;
  // Not `headersDistinct`, which makes an array for each header of the request.
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const given = rawHeaders[i];
    if (given?.length !== key.length || given.toLowerCase() !== key) continue;
    if (value !== undefined) throw badHeader(name, say("REPEATED_HEADER", { name }));
    value = rawHeaders[i + 1];
  }
  return value;
}

const wellFormed = /^[A-Za-z0-9][A-Za-z0-9._~:+/=-]{0,127}$/;

/**
 * Returns the client's `X-Request-Id` when it is given once and well-formed, else a new one. Fits Fastify's `genReqId`.
 *
 * ```ts
 * import Fastify from "fastify";
 * const app = Fastify({ genReqId: requestId });
 * ```
 */
export function requestId(request: Pick<IncomingMessage, "headers">): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && wellFormed.test(given) ? given : randomUUID();
}
