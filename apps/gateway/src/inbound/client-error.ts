import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { type HttpError, type ProblemOptions, problemOf, refusal, say } from "@kontor/transcoder";

/** Most bytes of all headers of a request. */
export const HEADER_LIMIT = 32 * 1024;

/** A request line that alone exceeds the limit of the headers. */
const longUrl = /^[A-Z]+ [^ \r\n]{8192}/;
const acceptLanguage = /^accept-language:([^\r\n]*)/im;

interface ConnectionError extends Error {
  readonly code?: string;
  /** The last received chunk. */
  readonly rawPacket?: unknown;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const latest = Symbol("latest");
type Busy = Socket & { [latest]?: Exchange };

/** Records the request of each connection for {@link refuseConnection}. */
export function rememberRequests(server: Server): void {
  const remember = (request: IncomingMessage, response: ServerResponse) => {
    (request.socket as Busy)[latest] = { request, response };
  };
  // Node.js announces requests with `Expect` by separate events.
  for (const event of ["request", "checkContinue", "checkExpectation"]) server.on(event, remember);
}

/** Returns whether a request of the connection awaits its response. */
export function isAnswering(socket: Socket): boolean {
  const { response } = (socket as Busy)[latest] ?? {};
  return response?.writableFinished === false;
}

/**
 * Returns the handler that refuses headers over the size or time limit, and bytes that are no HTTP: Fastify receives no request for them.
 */
export function refuseConnection(problems: ProblemOptions) {
  return (error: ConnectionError, socket: Socket): void => {
    if (error.code === "ECONNRESET" || socket.destroyed) return;
    if (!socket.writable) return void socket.destroy(error);
    const { request, response } = (socket as Busy)[latest] ?? {};
    if (request?.complete && response?.writableFinished === false) {
      // The previous request awaits its response: a client would read a refusal now as that response.
      response.shouldKeepAlive = false;
      return void response.once("finish", () => socket.destroySoon());
    }
    socket.end(responseTo(error, problems));
  };
}

function responseTo(error: ConnectionError, problems: ProblemOptions): string {
  const received = error.rawPacket instanceof Buffer ? error.rawPacket.toString("latin1") : "";
  const id = crypto.randomUUID();
  const language = acceptLanguage.exec(received)?.[1];
  const { problem, headers } = problemOf(reasonOf(error, received), `urn:request:${id}`, problems, undefined, language);
  const body = JSON.stringify(problem);
  const all = {
    ...headers,
    Connection: "close",
    "Cache-Control": "no-store",
    "Content-Type": "application/problem+json; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    "X-Request-Id": id,
    "Content-Length": Buffer.byteLength(body),
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`, ...head, "", body].join("\r\n");
}

function reasonOf({ code }: ConnectionError, received: string): HttpError {
  if (longUrl.test(received)) return refusal("URL_TOO_LONG", say("TOO_LONG_URL", { max: 8192 }));
  if (code === "HPE_HEADER_OVERFLOW")
    return refusal("HEADERS_TOO_LARGE", say("TOO_LARGE_HEADERS", { max: HEADER_LIMIT }));
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return refusal("REQUEST_TIMEOUT", say("TOO_SLOW_REQUEST"));
  return refusal("BAD_REQUEST", say("INVALID_REQUEST"));
}
