import type { FastifyInstance } from "fastify";
import { readOrigins } from "./origins.ts";

const allowedHeaders =
  "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Request-Id, X-Request-Timeout, traceparent";
const exposedHeaders =
  "Accept-Patch, ETag, Idempotent-Replayed, Kontor-Fallback, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id";

/** Returns the request headers that responses vary by, as `Vary` names them. */
export function variesBy(origins: readonly string[]): readonly string[] {
  return origins.length > 0 && !origins.includes("*") ? ["Origin"] : [];
}

/**
 * Responds to preflights and marks responses for pages of these origins, see {@link readOrigins}. Credentials are never allowed.
 *
 * @throws Error that names the invalid origin
 */
export function cors(app: FastifyInstance, origins: readonly string[]): void {
  const any = origins.includes("*");
  const allows = readOrigins(origins);
  app.addHook("onRequest", async (request, reply) => {
    if (!any) reply.header("Vary", "Origin");
    const { origin } = request.headers;
    if (origin === undefined || !allows(origin)) return;
    reply
      .header("Access-Control-Allow-Origin", any ? "*" : origin)
      .header("Access-Control-Expose-Headers", exposedHeaders);
    if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) return;
    return reply
      .header("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
      .header("Access-Control-Allow-Headers", allowedHeaders)
      .header("Access-Control-Max-Age", "600")
      .code(204)
      .send();
  });
}
