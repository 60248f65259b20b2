import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type WebSocket, WebSocketServer } from "ws";
import { splitTarget } from "../request/exchange.ts";
import { parsePath } from "../routing/raw-path.ts";
import type { Transcoder } from "../transcoder.ts";
import { asksForSocket } from "./handshake.ts";

/** Connections with a request to become a WebSocket. */
export interface Upgrades {
  /** Completes the handshake. Headers that were set on the reply go with it. */
  accept(request: FastifyRequest, reply: FastifyReply): Promise<WebSocket>;
}

/**
 * Routes upgrades of bidirectional RPCs like any request, so that hooks and policy decide before the upgrade and refusals are ordinary
 * responses. Every other upgrade request is served without the upgrade.
 */
export function listenForUpgrades(fastify: FastifyInstance, { sockets, limits }: Transcoder): Upgrades {
  const heads = new WeakMap<IncomingMessage, Buffer>();
  const replies = new WeakMap<IncomingMessage, FastifyReply>();
  const { server } = fastify;
  const settings = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.bodyBytes,
    closeTimeout: 5_000, // Not in the types yet.
  };
  const upgrader = new WebSocketServer(settings);
  upgrader.on("headers", (lines, request) => {
    for (const [name, value] of Object.entries(replies.get(request)?.getHeaders() ?? {})) {
      for (const one of [value].flat()) lines.push(`${name}: ${one}`);
    }
  });
  const isOurs = (request: IncomingMessage) => asksForSocket(request) && leadsToSocket(request.url ?? "/");
  Object.assign(server, { shouldUpgradeCallback: isOurs });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on("error", () => {}); // The response and the WebSocket receive it by `close`.
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once("finish", () => socket.destroySoon()); // Without a reader, the socket would not notice the client's end.
    heads.set(request, head);
    fastify.routing(request, response);
  });

  function leadsToSocket(target: string): boolean {
    try {
      return sockets.find("GET", parsePath(splitTarget(target).path)) !== undefined;
    } catch {
      return false; // A path that cannot be read is refused like that of any request.
    }
  }

  return {
    accept: ({ raw }, reply) =>
      new Promise((resolve) => {
        replies.set(raw, reply);
        reply.raw.statusCode = 101;
        upgrader.handleUpgrade(raw, raw.socket, heads.get(raw) ?? Buffer.alloc(0), (socket) => {
          socket.on("error", () => {}); // Closed with the code that fits by then.
          resolve(socket);
        });
      }),
  };
}
