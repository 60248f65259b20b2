import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

const statuses: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** A request line that fills the room for headers all by itself. */
const longUrl = /^[A-Z]+ [^ \r\n]{8192}/;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const latest = Symbol("latest");
type Busy = Socket & { [latest]?: Exchange };

/** Lets {@link refuseConnection} know what a connection is busy with. */
export function rememberRequests(server: Server): void {
  const remember = (request: IncomingMessage, response: ServerResponse) => {
    (request.socket as Busy)[latest] = { request, response };
  };
  // Requests with `Expect` are announced by events of their own.
  for (const event of ["request", "checkContinue", "checkExpectation"]) server.on(event, remember);
}

/** Whether a request of the connection is being answered. */
export function isAnswering(socket: Socket): boolean {
  const { response } = (socket as Busy)[latest] ?? {};
  return response?.writableFinished === false;
}

/** Answers what never became a request: headers that are too large, too slow or no HTTP at all. */
export function refuseConnection(error: Error & { code?: string; rawPacket?: unknown }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  if (!socket.writable) return void socket.destroy(error);
  const { request, response } = (socket as Busy)[latest] ?? {};
  if (request?.complete && response?.writableFinished === false) {
    // The request before it is being answered: a refusal now would be taken for that answer.
    response.shouldKeepAlive = false;
    return void response.once("finish", () => socket.destroySoon());
  }
  const status =
    error.rawPacket instanceof Buffer && longUrl.test(error.rawPacket.toString("latin1"))
      ? 414
      : (statuses[error.code ?? ""] ?? 400);
  const title = STATUS_CODES[status] ?? "Bad request";
  const body = JSON.stringify({
    type: "about:blank",
    title,
    status,
    detail: title,
    code: "INVALID_ARGUMENT",
    reason: "BAD_HTTP",
  });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    "Connection: close",
    "Content-Type: application/problem+json; charset=utf-8",
    "X-Content-Type-Options: nosniff",
    `X-Request-Id: ${crypto.randomUUID()}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
