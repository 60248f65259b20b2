import type { FastifyReply } from "fastify";
import type { WebSocket } from "ws";
import type { BidiStreamInvoker, StreamCall } from "../call.ts";
import { codeOf, numberOf, Status } from "../problems/code.ts";
import { problemOf } from "../problems/problem.ts";
import { RpcError } from "../problems/rpc-error.ts";
import type { Exchange } from "../request/exchange.ts";
import { orAborted } from "../request/or-aborted.ts";
import { startClock } from "../request/receive.ts";
import { instanceOf, unimplemented } from "../response/answer.ts";
import { jsonOf } from "../response/render.ts";
import { buildMessage, readMessages } from "../streams/receive-stream.ts";
import type { Transcoder } from "../transcoder.ts";
import { CloseCode, closeReason, keepAlive, readFrames } from "./frames.ts";
import { checkHandshake } from "./handshake.ts";
import type { Upgrades } from "./upgrades.ts";

/**
 * Serves a bidirectional call over a WebSocket. It checks the handshake, the path and the query before the upgrade.
 *
 * @throws HttpError while the response can still be an HTTP status
 */
export async function answerSocket(
  transcoder: Transcoder,
  exchange: Exchange,
  reply: FastifyReply,
  upgrades: Upgrades,
): Promise<FastifyReply> {
  checkHandshake(exchange.request.raw);
  const { invokeBidiStream } = transcoder.options;
  if (invokeBidiStream === undefined) throw unimplemented();
  buildMessage(transcoder, exchange, undefined);
  const deadline = startClock(transcoder, exchange);
  exchange.signal.throwIfAborted();
  reply.hijack();
  const socket = await upgrades.accept(exchange.request, reply);
  const messages = readMessages(transcoder, exchange, deadline, readFrames(socket, exchange));
  using _ = keepAlive(socket, exchange.request.raw.socket, transcoder.limits.heartbeatMs);
  await converse(transcoder, invokeBidiStream, { ...exchange, deadline, messages }, socket);
  return reply;
}

async function converse(
  transcoder: Transcoder,
  invoke: BidiStreamInvoker,
  call: StreamCall,
  socket: WebSocket,
): Promise<void> {
  const { options, problems, registry } = transcoder;
  const { route } = call.found;
  const answers = invoke(call)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await orAborted(answers.next(), call.signal);
      if (step.done === true) break;
      await orAborted(send(socket, JSON.stringify(jsonOf(route, step.value, registry))), call.signal);
    }
    socket.close(CloseCode.ok, codeOf(0).name);
  } catch (error) {
    options.onError?.(error, call.request);
    const { problem } = problemOf(error, instanceOf(call), problems, route, call.request.headers["accept-language"]);
    socket.close(CloseCode.statusBase + numberOf(problem.code), closeReason(problem));
  } finally {
    answers.return?.().catch(() => {});
  }
}

function send(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(text, (error) => {
      if (error) reject(new RpcError(Status.CANCELLED, "The client disconnected.", { cause: error }));
      else resolve();
    });
  });
}
