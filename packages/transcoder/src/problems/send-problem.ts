import type { FastifyReply, FastifyRequest } from "fastify";
import { routeOf } from "../request/exchange.ts";
import { HttpError, refusal } from "./http-error.ts";
import { type ProblemOptions, problemOf } from "./problem.ts";
import { say } from "./text.ts";

/** Sends a problem document for any error. Fits Fastify's error and not-found handlers. */
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

/** Fastify's own refusals have a status. Their text remains in the cause. Other errors remain unchanged. */
export function fromFastify(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof HttpError || !("statusCode" in error)) return error;
  const { statusCode } = error;
  if (typeof statusCode !== "number" || statusCode < 400 || statusCode >= 500) return error;
  if (statusCode === 413) return refusal("BODY_TOO_LARGE", say("TOO_LARGE_REQUEST"), { cause: error });
  const isUrl = "code" in error && error.code === "FST_ERR_BAD_URL";
  return new HttpError(statusCode, isUrl ? "BAD_URL" : "BAD_REQUEST", say("INVALID_REQUEST"), { cause: error });
}
