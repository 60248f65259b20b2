import { METHODS } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import plugin from "fastify-plugin";
import type { TranscoderOptions } from "./options.ts";
import { fromFastify, sendProblem } from "./problems/send-problem.ts";
import { beginExchange, exchangeOf, findRoute } from "./request/exchange.ts";
import { letContinue, refuseExpectation } from "./request/expectation.ts";
import { hasBody } from "./request/read-body.ts";
import { admitBody, receiveCall } from "./request/receive.ts";
import { answerClientStream, answerStream, answerUnary } from "./response/answer.ts";
import { answerSocket } from "./sockets/socket.ts";
import { listenForUpgrades, type Upgrades } from "./sockets/upgrades.ts";
import { receiveStream } from "./streams/receive-stream.ts";
import { createTranscoder, type Transcoder } from "./transcoder.ts";

/**
 * Serves annotated RPCs as REST: one route of Fastify for all paths that no other route serves, with a table built from the contracts.
 *
 * Order of checks: 400 for a URL that cannot be read, 404, 405, what `authorise` throws, 400/413/415 for the head of the body, and only
 * then is the body read.
 *
 * @throws RouteError on registration, when a contract cannot be served
 */
export const transcoder = plugin<TranscoderOptions>(
  async (fastify: FastifyInstance, options: TranscoderOptions) => {
    const built = createTranscoder(options);
    letContinue(fastify);
    const upgrades = listenForUpgrades(fastify, built);
    await fastify.register(async (scope) => serve(scope, built, upgrades));
  },
  { fastify: "5.x", name: "transcoder" },
);

function serve(scope: FastifyInstance, transcoder: Transcoder, upgrades: Upgrades): void {
  const methods = METHODS.filter((method) => method !== "CONNECT");
  for (const method of methods) {
    if (!scope.supportedMethods.includes(method)) scope.addHttpMethod(method, { hasBody: true });
  }
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
  scope.setErrorHandler((raw, request, reply) => {
    const error = fromFastify(raw);
    transcoder.options.onError?.(error, request);
    if (!reply.raw.destroyed) return sendProblem(error, request, reply, transcoder.problems);
  });
  scope.addHook("onSend", ({ raw }, reply, _payload, done) => {
    // The rest of an unread body would block the next request of the connection.
    if (hasBody(raw) && !raw.complete) reply.header("Connection", "close");
    done();
  });
  scope.route({
    method: methods,
    url: "*",
    exposeHeadRoute: false,
    onRequest: (request, reply) => admit(transcoder, request, reply),
    handler: (request, reply) => answer(transcoder, request, reply, upgrades),
  });
}

async function admit(transcoder: Transcoder, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  reply.header("X-Content-Type-Options", "nosniff").header("X-Request-Id", request.id);
  const found = findRoute(transcoder, request, reply);
  if (found === undefined) return reply.code(204).send();
  refuseExpectation(request.raw);
  const exchange = beginExchange(found, request, reply);
  const { authorise, locate } = transcoder.options;
  await authorise?.(exchange);
  if (locate !== undefined) exchange.found = locate(exchange);
  await admitBody(transcoder, exchange, reply);
}

async function answer(
  transcoder: Transcoder,
  request: FastifyRequest,
  reply: FastifyReply,
  upgrades: Upgrades,
): Promise<FastifyReply> {
  const exchange = exchangeOf(request);
  const { methodKind } = exchange.method;
  if (methodKind === "bidi_streaming") return answerSocket(transcoder, exchange, reply, upgrades);
  if (methodKind === "client_streaming") {
    request.raw.socket.setTimeout(0);
    return answerClientStream(transcoder, await receiveStream(transcoder, exchange), reply);
  }
  const call = await receiveCall(transcoder, exchange);
  request.raw.socket.setTimeout(0);
  return methodKind === "unary"
    ? answerUnary(transcoder, call, reply)
    : answerStream(transcoder, call, reply, exchange.abort);
}
