import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

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
