import type { DescMethod, Registry } from "@bufbuild/protobuf";
import { jsonRules, methodResource } from "@kontor/policy";
import type { ProcessConfig } from "@kontor/service";
import type { Logger } from "@kontor/telemetry";
import { HttpError, type ProblemOptions, RpcError, Status, transcoder } from "@kontor/transcoder";
import type { FastifyRequest } from "fastify";
import type { settings } from "../config.ts";
import type { EdgePolicy } from "../policy/edge-policy.ts";
import type { EdgeRules } from "../policy/edge-rules.ts";
import { compressing } from "../policy/encoding/compress.ts";
import { chooseCoding } from "../policy/encoding/content-coding.ts";
import type { Guard } from "../policy/guard.ts";
import { checkStatuses, ignoresUnknownQuery, successStatusOf } from "../policy/method-rules.ts";
import { recoveryOf } from "../policy/recovery.ts";
import { translated } from "../policy/refusals.ts";
import { checkResource, fillIfMatch, refuseConditions, withResource } from "../policy/resource.ts";
import { fillWireCopies, hasWireCopies } from "../policy/wire-copies.ts";
import type { Upstreams } from "../ports.ts";
import type { Lookups } from "../queries/lookups.ts";
import { serveApiDocument } from "./api-document.ts";
import { cors, variesBy } from "./cors.ts";
import { hasPage, serveDocsPage } from "./docs-page.ts";
import { createHttpServer, type HttpServer } from "./http-server.ts";
import { observe } from "./observe.ts";
import { serveProblemPages } from "./problem-pages/problem-pages.ts";
import { watchBodies } from "./watch-bodies.ts";

/** The dependencies of the public server. */
export interface EdgeServerOptions {
  readonly config: ProcessConfig<typeof settings>;
  readonly log: Logger;
  readonly contracts: Registry;
  readonly guard: Guard;
  readonly policy: EdgePolicy;
  readonly rules: EdgeRules;
  readonly problems: ProblemOptions;
  readonly upstreams: Upstreams;
  readonly lookups: Pick<Lookups, "check">;
}

/** The public side of the gateway. */
export interface EdgeServer extends Pick<HttpServer, "listen" | "close"> {
  /** How many RPCs have routes. */
  readonly routes: number;
}

/**
 * Builds the server. A request passes, from outside in: trace and access log, CORS, the route, the guard's first half, the
 * limits, the body, the guard's second half, the rules of the contract, compression, replays, the cache, the upstream.
 *
 * @throws RouteError when a contract cannot be served
 */
export async function createEdgeServer(options: EdgeServerOptions): Promise<EdgeServer> {
  const { config, log, contracts, guard, policy, rules, problems, upstreams, lookups } = options;
  const { app, listen, close } = createHttpServer({ ...config, problems });
  const bodies = watchBodies();
  app.addHook("onResponse", ({ raw }, _reply, done) => {
    bodies.answered(raw);
    done();
  });
  observe(app, { log, guard, accessLogPercent: config.accessLogPercent });
  if (config.corsOrigins.length > 0) cors(app, config.corsOrigins);
  serveProblemPages(app, config.problemBase);
  const exposed = new Set<DescMethod>();
  if (config.apiDocument) serveApiDocument(app, { config, contracts, exposed, problems });
  if (config.apiDocument && hasPage(config.apiPage)) serveDocsPage(app, config.apiTitle);
  policy.mark(app);
  await app.register(transcoder, {
    descriptors: contracts,
    invoke: withResource((call) => upstreams.call(call)),
    invokeStream: (call) => upstreams.stream(call),
    invokeClientStream: (call) => upstreams.collect(call),
    invokeBidiStream: (call) => upstreams.stream(call),
    exposes: (method) => {
      if (!upstreams.serves(method.parent) || !guard.exposes(method)) return false;
      checkStatuses(method);
      checkResource(method);
      recoveryOf(method, contracts);
      policy.check(method);
      rules.compile(method);
      lookups.check(method);
      exposed.add(method);
      return true;
    },
    authorise: async (call) => {
      await guard.admit(call);
      translated(() => refuseConditions(call));
      await policy.admit(call);
      bodies.watch(call);
    },
    around: compressing(policy.around, chooseCoding(config.compressFrom), variesBy(config.corsOrigins)),
    locate: guard.locate,
    prepare: (call) => {
      if (hasWireCopies(call.method.input)) fillWireCopies(call.method.input, call.message);
      guard.check(call);
      translated(() => {
        fillIfMatch(call);
        rules.check(call);
      });
    },
    gates: (method) => (hasWireCopies(method.input) ? undefined : rules.gates(method)),
    timeoutOf: guard.timeoutOf,
    successStatusOf,
    ignoresUnknownQuery,
    versionOf: (method) => methodResource(method).version,
    json: jsonRules,
    problems,
    onError: (error, request) => logFailure(log, error, request),
    limits: {
      bodyBytes: config.bodyLimit,
      deadline: { defaultMs: config.deadlineDefault, capMs: config.deadlineCap },
    },
  });
  return {
    routes: exposed.size,
    listen,
    async close(graceMs) {
      bodies.endWithin(graceMs * 0.6);
      await close(graceMs);
    },
  };
}

/** Logs failures that the response does not describe: bugs, and unexpected failures of upstreams. */
function logFailure(log: Logger, err: unknown, request: FastifyRequest): void {
  if (err instanceof HttpError) return;
  if (!(err instanceof RpcError)) log.error({ err, requestId: request.id }, "request failed by a bug");
  else if (err.transport || err.code === Status.INTERNAL || err.code === Status.UNKNOWN)
    log.error({ err, requestId: request.id }, "upstream call failed");
}
