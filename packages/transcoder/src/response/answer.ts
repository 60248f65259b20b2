import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import type { Answer, Call, EdgeCall, Reply, StreamCall } from "../call.ts";
import { Status } from "../problems/code.ts";
import { problemOf } from "../problems/problem.ts";
import { RpcError } from "../problems/rpc-error.ts";
import { negotiate } from "../request/media-type.ts";
import { orAborted } from "../request/or-aborted.ts";
import { END_ID, eventStreamType, framingOf, streamTypes } from "../streams/framing.ts";
import { openStream } from "../streams/stream.ts";
import type { Transcoder } from "../transcoder.ts";
import { renderAnswer } from "./render.ts";

/** Makes a unary call and sends its response. */
export async function answerUnary(transcoder: Transcoder, call: Call, reply: FastifyReply): Promise<FastifyReply> {
  const { invoke, around } = transcoder.options;
  const next = async (made: Call) => rendered(transcoder, made, await invoke(made));
  return send(reply, await orAborted(around === undefined ? next(call) : around(call, next), call.signal));
}

/** Makes a client-streaming call and sends its response, which may arrive before the client's last message. */
export async function answerClientStream(
  transcoder: Transcoder,
  call: StreamCall,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { invokeClientStream } = transcoder.options;
  if (invokeClientStream === undefined) throw unimplemented();
  const answer = await orAborted(invokeClientStream(call), call.signal);
  return send(reply, rendered(transcoder, call, answer));
}

function rendered({ options, registry }: Transcoder, { method, found }: EdgeCall, answer: Answer): Reply {
  const { contentType, body } = renderAnswer(found.route, answer, registry);
  const { headers } = answer;
  const status = options.successStatusOf?.(method) ?? 200;
  return { status, headers: { ...headers, "Content-Type": contentType }, body };
}

function send(reply: FastifyReply, { status, headers, body }: Reply): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

/** Makes a server-streaming call and sends its messages in the framing that the client accepts. */
export async function answerStream(
  transcoder: Transcoder,
  call: Call,
  reply: FastifyReply,
  cancel: (reason: RpcError) => void,
): Promise<FastifyReply> {
  const { options, registry, limits, problems } = transcoder;
  if (options.invokeStream === undefined) throw unimplemented();
  const { route } = call.found;
  const type = negotiate(call.request.headers.accept, streamTypes);
  const lastId = type === eventStreamType ? call.request.headers["last-event-id"] : undefined;
  if (lastId === END_ID) return complete(reply);
  const versionOf = options.versionOf?.(call.method);
  endWithClient(reply, cancel);
  const opened = await openStream(options.invokeStream(call), {
    route,
    registry,
    framing: framingOf(type),
    heartbeatMs: limits.heartbeatMs,
    versionOf,
    after: versionOf && typeof lastId === "string" && /^\d{1,20}$/.test(lastId) ? BigInt(lastId) : undefined,
    signal: call.signal,
    problem: (error) => problemOf(error, instanceOf(call), problems, route, call.request.headers["accept-language"]),
  });
  if (opened === undefined) return complete(reply);
  reply.header("Cache-Control", "no-store").header("X-Accel-Buffering", "no").type(opened.contentType);
  if (call.request.method !== "HEAD") return reply.send(Readable.from(opened.body, { highWaterMark: 1 }));
  cancel(new RpcError(Status.CANCELLED, "The client no longer reads the messages."));
  return reply.send();
}

/** Ends an event stream that has nothing new and never will: an `EventSource` reconnects after anything but 204. */
function complete(reply: FastifyReply): FastifyReply {
  return reply.code(204).header("Cache-Control", "no-store").send();
}

/**
 * Ends a stream whose client has sent its end. Node.js closes a connection only after all was written, and a client that left
 * a body half read takes no more.
 */
function endWithClient({ raw, request }: FastifyReply, cancel: (reason: RpcError) => void): void {
  const { socket } = request.raw;
  const end = () => {
    cancel(new RpcError(Status.CANCELLED, "The client disconnected."));
    socket.destroy();
  };
  socket.once("end", end);
  raw.once("close", () => socket.off("end", end));
}

/** Returns the error of a kind of stream for which the plugin has no invoker. */
export function unimplemented(): RpcError {
  return new RpcError(Status.UNIMPLEMENTED, "This kind of stream is not served here.");
}

/** The URI reference that a problem names as its instance. */
export function instanceOf({ request }: EdgeCall): string {
  return `urn:request:${request.id}`;
}
