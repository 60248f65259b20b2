import { METHODS } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import plugin from "fastify-plugin";
import { answerStream, answerUnary, unimplemented } from "./answer.ts";
import { beginExchange, exchangeOf, findRoute } from "./exchange.ts";
import type { TranscoderOptions } from "./options.ts";
import { checkBody, receiveCall } from "./receive.ts";
import { sendProblem } from "./send-problem.ts";
import { createTranscoder, type Transcoder } from "./transcoder.ts";

/**
 * Serves annotated RPCs as REST: one route of Fastify's for everything that no other route answers, behind it a table
 * built from the contracts.
 *
 * Order of answers: 400 for a URL that cannot be read, 404, 405, what `authorise` throws, 400/413/415 for the head of the
 * body, and only then is the body read.
 *
 * @throws RouteError on registration, when a contract cannot be served
 */
export const transcoder = plugin<TranscoderOptions>(
  async (fastify: FastifyInstance, options: TranscoderOptions) => {
    const built = createTranscoder(options);
    await fastify.register(async (scope) => serve(scope, built));
  },
  { fastify: "5.x", name: "transcoder" },
);

function serve(scope: FastifyInstance, transcoder: Transcoder): void {
  const methods = METHODS.filter((method) => method !== "CONNECT");
  for (const method of methods) {
    if (!scope.supportedMethods.includes(method)) scope.addHttpMethod(method, { hasBody: true });
  }
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
  scope.setErrorHandler((error, request, reply) => {
    transcoder.options.onError?.(error, request);
    if (!reply.raw.destroyed) return sendProblem(error, request, reply, transcoder.problems);
  });
  scope.route({
    method: methods,
    url: "*",
    exposeHeadRoute: false,
    onRequest: (request, reply) => admit(transcoder, request, reply),
    handler: (request, reply) => answer(transcoder, request, reply),
  });
}

async function admit(transcoder: Transcoder, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  reply.header("X-Content-Type-Options", "nosniff").header("X-Request-Id", request.id);
  const found = findRoute(transcoder, request, reply);
  if (found === undefined) return reply.code(204).send();
  const exchange = beginExchange(found, request, reply);
  await transcoder.options.authorise?.(exchange);
  checkBody(found.route, request.raw, transcoder.limits.bodyBytes);
}

async function answer(transcoder: Transcoder, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const call = await receiveCall(transcoder, exchangeOf(request));
  request.raw.socket.setTimeout(0);
  switch (call.method.methodKind) {
    case "unary":
      return answerUnary(transcoder, call, reply);
    case "server_streaming":
      return answerStream(transcoder, call, reply);
    default:
      throw unimplemented();
  }
}
