import { HttpError, say } from "@kontor/transcoder";
import type { FastifyInstance, RouteHandlerMethod } from "fastify";

const allowed = "GET, HEAD, OPTIONS";

/** Serves GET and HEAD at a path that no contract declares. Responds to OPTIONS by 204 and refuses every other method by 405. */
export function serveGet(app: FastifyInstance, url: string, handler: RouteHandlerMethod): void {
  app.get(url, handler);
  app.options(url, (_request, reply) => reply.code(204).header("Allow", allowed).send());
  const others = app.supportedMethods.filter((method) => !allowed.includes(method));
  app.route({ method: others, url, onRequest: refuse, handler: refuse });
}

/** Runs before a body is read. */
async function refuse(): Promise<never> {
  throw new HttpError(405, "METHOD_NOT_ALLOWED", say("METHOD_NOT_ALLOWED", { allowed }), {
    headers: { Allow: allowed },
  });
}
