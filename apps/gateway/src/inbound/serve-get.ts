import { refusal, say } from "@kontor/transcoder";
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from "fastify";

const allowed = "GET, HEAD, OPTIONS";

/**
 * Serves GET and HEAD at a path that no contract declares. Responds to OPTIONS by 204 and refuses every other method by 405. The path with
 * another slash at its end, or without it, leads there by 308.
 */
export function serveGet(app: FastifyInstance, url: string, handler: RouteHandlerMethod): void {
  serve(app, url, handler);
  if (url !== "/") serve(app, withOtherEnd(url), redirect);
}

function serve(app: FastifyInstance, url: string, handler: RouteHandlerMethod): void {
  app.get(url, handler);
  app.options(url, (_request, reply) => reply.code(204).header("Allow", allowed).send());
  const others = app.supportedMethods.filter((method) => !allowed.includes(method));
  app.route({ method: others, url, onRequest: refuse, handler: refuse });
}

function withOtherEnd(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : `${path}/`;
}

function redirect({ url }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const mark = url.indexOf("?");
  const path = mark === -1 ? url : url.slice(0, mark);
  return reply.redirect(withOtherEnd(path) + (mark === -1 ? "" : url.slice(mark)), 308);
}

/** Runs before a body is read. */
async function refuse(): Promise<never> {
  throw refusal("METHOD_NOT_ALLOWED", say("METHOD_NOT_ALLOWED", { allowed }), {
    headers: { Allow: allowed },
  });
}
