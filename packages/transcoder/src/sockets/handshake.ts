import type { IncomingMessage } from "node:http";
import { refusal } from "../problems/http-error.ts";
import { say } from "../problems/text.ts";
import { announcesBody } from "../request/read-body.ts";

/**
 * Returns whether a request is a handshake of a WebSocket. Only bidirectional RPCs accept one. Other routes ignore it, as RFC 9110 allows.
 * A handshake with a body is ignored too, because none has one.
 */
export function asksForSocket(request: IncomingMessage): boolean {
  const { method, headers } = request;
  const connection = headers.connection?.toLowerCase().split(",") ?? [];
  const asks = connection.some((option) => option.trim() === "upgrade");
  return asks && method === "GET" && headers.upgrade?.trim().toLowerCase() === "websocket" && !announcesBody(request);
}

/** Checks the opening handshake of RFC 6455, section 4.2.1. @throws HttpError 400, 426 */
export function checkHandshake(request: IncomingMessage): void {
  if (!asksForSocket(request)) {
    throw refusal("UPGRADE_REQUIRED", say("SOCKET_REQUIRED"), {
      headers: { Upgrade: "websocket", Connection: "Upgrade" },
    });
  }
  if (request.headers["sec-websocket-version"] !== "13") {
    throw refusal("UPGRADE_REQUIRED", say("SOCKET_VERSION"), {
      headers: { "Sec-WebSocket-Version": "13", Upgrade: "websocket", Connection: "Upgrade" },
    });
  }
  if (!/^[+/0-9A-Za-z]{22}==$/.test(request.headers["sec-websocket-key"] ?? "")) {
    throw refusal("INVALID_HEADER", say("SOCKET_KEY"));
  }
}
