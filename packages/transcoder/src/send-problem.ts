import type { FastifyReply, FastifyRequest } from "fastify";
import { routeOf } from "./exchange.ts";
import { HttpError } from "./http-error.ts";
import { type ProblemOptions, problemOf } from "./problem.ts";
import { say } from "./text.ts";

/** Answers any error with a problem document. Fits Fastify's error and not-found handlers. */
export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ProblemOptions,
): FastifyReply {
  const { problem, headers } = problemOf(
    fromFastify(error),
    `urn:request:${request.id}`,
    options,
    routeOf(request),
    request.headers["accept-language"],
  );
  const { vary } = reply.getHeaders();
  return reply
    .code(problem.status)
    .header("X-Content-Type-Options", "nosniff")
    .header("X-Request-Id", request.id)
    .headers(headers)
    .header("Vary", vary === undefined ? "Accept-Language" : `${vary}, Accept-Language`)
    .type("application/problem+json; charset=utf-8")
    .send(JSON.stringify(problem));
}

/** Fastify's own refusals carry a status. Their text stays in the cause. Other errors stay what they are. */
export function fromFastify(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof HttpError || !("statusCode" in error)) return error;
  const { statusCode } = error;
  if (typeof statusCode !== "number" || statusCode < 400 || statusCode >= 500) return error;
  const reason =
    "code" in error && typeof error.code === "string" ? error.code.replace(/^FST_(ERR_)?/, "") : "BAD_REQUEST";
  return new HttpError(statusCode, reason, say(statusCode === 413 ? "TOO_LARGE_REQUEST" : "INVALID_REQUEST"), {
    cause: error,
  });
}
