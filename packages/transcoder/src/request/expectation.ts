import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import { refusal } from "../problems/http-error.ts";
import { say } from "../problems/text.ts";

/** Whether the client waits for permission to send its body. */
export function expectsContinue({ headers }: IncomingMessage): boolean {
  return headers.expect?.trim().toLowerCase() === "100-continue";
}

/** Sends `100 Continue` only after the hooks of `onRequest` admit the request; Node would send it at once. */
export function letContinue(fastify: FastifyInstance): void {
  fastify.server.on("checkContinue", (request, response) => fastify.routing(request, response));
  fastify.server.on("checkExpectation", (request, response) => fastify.routing(request, response));
  fastify.addHook("preParsing", (request, reply, _payload, done) => {
    sendContinue(request.raw, reply.raw);
    done();
  });
}

const continued = new WeakSet<ServerResponse>();

/** Sends `100 Continue`, once, if the client waits for it. */
export function sendContinue(request: IncomingMessage, response: ServerResponse): void {
  if (!expectsContinue(request) || continued.has(response)) return;
  continued.add(response);
  response.writeContinue();
}

/** Knows no expectation but `100-continue`. @throws HttpError 417 */
export function refuseExpectation(request: IncomingMessage): void {
  if (request.headers.expect === undefined || expectsContinue(request)) return;
  throw refusal("EXPECTATION_FAILED", say("EXPECTATION"));
}
