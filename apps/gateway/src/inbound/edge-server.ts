import type { Registry } from "@bufbuild/protobuf";
import type { ProcessConfig } from "@kontor/service";
import type { Logger } from "@kontor/telemetry";
import {
  badHeader,
  HttpError,
  type ProblemOptions,
  RpcError,
  requestId,
  Status,
  sendProblem,
  transcoder,
} from "@kontor/transcoder";
import Fastify, { type FastifyRequest } from "fastify";
import type { settings } from "../config.ts";
import type { Upstreams } from "../outbound/upstreams.ts";
import type { Guard } from "../policy/guard.ts";
import { errorStatusOf, successStatusOf } from "../policy/method-rules.ts";
import { refuseConnection } from "./client-error.ts";
import { cors } from "./cors.ts";
import { observe } from "./observe.ts";

/** What the server is made from. */
export interface EdgeServerOptions {
  readonly config: ProcessConfig<typeof settings>;
  readonly log: Logger;
  readonly contracts: Registry;
  readonly guard: Guard;
  readonly upstreams: Upstreams;
}

/** The public side of the gateway. */
export interface EdgeServer {
  readonly routes: number;
  listen(host: string, port: number): Promise<number>;
  /** Takes no new connections, tells the others to close, and waits for what is in flight. */
  close(): Promise<void>;
}

/**
 * Builds the server. A request passes, from outside in: trace and access log, response headers and CORS, the route, the
 * guard, the body, the upstream.
 *
 * @throws RouteError when a contract cannot be served
 */
export async function createEdgeServer(options: EdgeServerOptions): Promise<EdgeServer> {
  const { config, log, contracts, guard, upstreams } = options;
  const problems: ProblemOptions = {
    registry: contracts,
    typeOf: (reason) => config.problemBase + reason.toLowerCase().replaceAll("_", "-"),
    statusOf: errorStatusOf,
  };
  let closing = false;
  const app = Fastify({
    genReqId: requestId,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    requestTimeout: 60_000,
    connectionTimeout: 75_000,
    keepAliveTimeout: 72_000,
    bodyLimit: config.bodyLimit,
    http: { headersTimeout: 15_000, maxHeaderSize: 32 * 1024, requireHostHeader: false },
    forceCloseConnections: "idle",
    return503OnClosing: false,
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply, problems),
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.header("X-Content-Type-Options", "nosniff").header("X-Request-Id", request.id);
    if (request.headers.host === undefined && request.raw.httpVersion === "1.1")
      throw badHeader("Host", "Host is missing.");
  });
  app.addHook("onSend", async (_request, reply) => {
    if (closing) reply.header("Connection", "close");
  });
  app.addHook("onResponse", async () => {
    // A stream that began before the end has promised to keep its connection.
    if (closing) setImmediate(() => app.server.closeIdleConnections());
  });
  observe(app, log, guard);
  if (config.corsOrigins.length > 0) cors(app, config.corsOrigins);
  app.get("/healthz", () => ({ status: "ok" }));
  app.get("/readyz", (_request, reply) => reply.code(closing ? 503 : 200).send({ status: closing ? "closing" : "ok" }));
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, problems));
  const onError = (err: unknown, request: FastifyRequest) => {
    if (err instanceof HttpError) return;
    const bug = !(err instanceof RpcError);
    if (bug || err.code === Status.INTERNAL || err.code === Status.UNKNOWN || err.transport) {
      log.error({ err, requestId: request.id }, bug ? "A request met a bug." : "An upstream failed.");
    }
  };
  let routes = 0;
  await app.register(transcoder, {
    descriptors: contracts,
    invoke: (call) => upstreams.call(call),
    invokeStream: (call) => upstreams.stream(call),
    exposes: (method) => {
      const exposed = upstreams.serves(method.parent) && guard.exposes(method);
      if (exposed) routes++;
      return exposed;
    },
    authorise: guard.admit,
    prepare: guard.check,
    timeoutOf: guard.timeoutOf,
    successStatusOf,
    problems,
    onError,
    limits: {
      bodyBytes: config.bodyLimit,
      deadline: { defaultMs: config.deadlineDefault, capMs: config.deadlineCap },
    },
  });
  return {
    routes,
    async listen(host, port) {
      await app.listen({ host, port });
      const [address] = app.addresses();
      return typeof address === "object" ? address.port : port;
    },
    async close() {
      closing = true;
      await app.close();
    },
  };
}
