import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as immediate } from "node:timers/promises";
import { badHeader, type ProblemOptions, requestId, say, sendProblem, type Text } from "@kontor/transcoder";
import Fastify, { type FastifyInstance } from "fastify";
import { HEADER_LIMIT, refuseConnection, rememberRequests } from "./client-error.ts";
import { trackConnections } from "./connections.ts";
import { serveGet } from "./serve-get.ts";

/** The limits of connections. */
export interface HttpServerOptions {
  readonly bodyLimit: number;
  /** The longest any call takes: no request is cut off while it is one, however slowly its client writes. */
  readonly deadlineCap: number;
  /** How long the head of a request may take. Default: 15 s. */
  readonly headMs?: number;
  /** Whose X-Forwarded headers are believed. */
  readonly trustedProxies: readonly string[];
  readonly problems: ProblemOptions;
}

/** An HTTP server without routes but those of its health. */
export interface HttpServer {
  readonly app: FastifyInstance;
  listen(host: string, port: number): Promise<number>;
  /** Accepts no new connections, asks clients to close theirs, and waits for requests in flight, up to the grace. */
  close(graceMs: number): Promise<void>;
}

/** The time in which connections in use receive `Connection: close`. */
const LAST_REQUESTS_MS = 2_000;

/** Creates the server: limits of connections, headers of every response, problems for every error, and the graceful end. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { bodyLimit, deadlineCap, headMs = 15_000, trustedProxies, problems } = options;
  let closing = false;
  const app = Fastify({
    genReqId: requestId,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    requestTimeout: deadlineCap + 60_000,
    connectionTimeout: 75_000,
    keepAliveTimeout: 72_000,
    bodyLimit,
    http: {
      headersTimeout: headMs,
      connectionsCheckingInterval: headMs / 3, // By default it is looked only every 30 s.
      maxHeaderSize: HEADER_LIMIT,
      requireHostHeader: false,
    },
    forceCloseConnections: "idle",
    return503OnClosing: false,
    clientErrorHandler: refuseConnection(problems),
    // Runs without the hooks below.
    frameworkErrors: (error, request, reply) =>
      sendProblem(error, request, reply.header("Cache-Control", "no-store"), problems),
  });
  rememberRequests(app.server);
  const connections = trackConnections(app.server);
  const refused = new WeakSet<Socket>();
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, problems));
  app.addHook("onRequest", (request, reply, done) => {
    // Responses contain tokens and personal data: caches store only what a contract allows.
    reply.header("Cache-Control", "no-store");
    reply.header("X-Content-Type-Options", "nosniff").header("X-Request-Id", request.id);
    const { socket } = request.raw;
    if (refused.has(socket)) return void reply.hijack(); // The connection closes without a response.
    const problem = hostProblem(request.raw);
    if (problem === undefined) return done();
    refused.add(socket); // The next request on the connection may be for another host.
    reply.header("Connection", "close");
    done(badHeader("Host", problem));
  });
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (closing) reply.header("Connection", "close");
    done();
  });
  app.addHook("onResponse", (_request, _reply, done) => {
    // A stream that began before the end has already sent `keep-alive`.
    if (closing) setImmediate(() => app.server.closeIdleConnections());
    done();
  });
  serveGet(app, "/healthz", () => ({ status: "ok" }));
  serveGet(app, "/readyz", (_request, reply) =>
    reply.code(closing ? 503 : 200).send({ status: closing ? "closing" : "ok" }),
  );
  return {
    app,
    async listen(host, port) {
      await app.listen({ host, port });
      const [address] = app.addresses();
      return typeof address === "object" ? address.port : port;
    },
    async close(graceMs) {
      closing = true;
      using _ = connections.endWithin(graceMs);
      // A further request receives `Connection: close`. Connections that remain idle are closed afterwards, so that few requests meet a
      // closing connection.
      await connections.gone(Math.min(LAST_REQUESTS_MS, graceMs * 0.2));
      await immediate(); // Reads what has arrived meanwhile: a busy process gets to its timers before its sockets.
      await app.close();
    },
  };
}

/** Returns the fault of a request's Host header (RFC 9112, section 3.2), or undefined. Node.js shows only the first of several. */
function hostProblem({ rawHeaders, headers, httpVersion }: IncomingMessage): Text | undefined {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? "";
    if (name.length === 4 && name.toLowerCase() === "host") count++;
  }
  if (count > 1) return say("REPEATED_HEADER", { name: "Host" });
  if (count === 0) return httpVersion === "1.0" ? undefined : say("REQUIRED");
  return hostname.test(headers.host ?? "") ? undefined : say("HOST");
}

/** A name or address with an optional port (RFC 3986, section 3.2.2); empty is allowed. */
const hostname = /^(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::\d*)?$/;
