import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import type { Call, Reply } from "./call.ts";
import { Status } from "./code.ts";
import { negotiate } from "./media-type.ts";
import { problemOf } from "./problem.ts";
import { render } from "./render.ts";
import { RpcError } from "./rpc-error.ts";
import { framingOf, openStream, streamTypes } from "./stream.ts";
import type { Transcoder } from "./transcoder.ts";

/** Makes a unary call and sends its answer. */
export async function answerUnary(
  { options, registry }: Transcoder,
  call: Call,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const next = async (made: Call): Promise<Reply> => {
    const { message, headers } = await options.invoke(made);
    const { contentType, body } = render(made.found.route, message, registry);
    const status = options.successStatusOf?.(made.method) ?? 200;
    return { status, headers: { ...headers, "Content-Type": contentType }, body };
  };
  const replied = options.around === undefined ? next(call) : options.around(call, next);
  const { status, headers, body } = await orAborted(replied, call.signal);
  return reply.code(status).headers(headers).send(body);
}

/** Makes a server-streaming call and sends its messages in the framing that the client accepts. */
export async function answerStream(transcoder: Transcoder, call: Call, reply: FastifyReply): Promise<FastifyReply> {
  const { options, registry, limits, problems } = transcoder;
  if (options.invokeStream === undefined) throw unimplemented();
  const { route } = call.found;
  const opened = await openStream(options.invokeStream(call), {
    route,
    registry,
    framing: framingOf(negotiate(call.request.headers.accept, streamTypes)),
    heartbeatMs: limits.heartbeatMs,
    problem: (error) => problemOf(error, instanceOf(call), problems, route),
  });
  const body = Readable.from(opened.body, { highWaterMark: 1 });
  return reply
    .header("Cache-Control", "no-store")
    .header("X-Accel-Buffering", "no")
    .type(opened.contentType)
    .send(body);
}

/** What a method kind that cannot be served yet answers. */
export function unimplemented(): RpcError {
  return new RpcError(Status.UNIMPLEMENTED, "This kind of stream is not served over HTTP.");
}

/** The URI reference that a problem names as its instance. */
function instanceOf({ request }: Call): string {
  return `urn:request:${request.id}`;
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
