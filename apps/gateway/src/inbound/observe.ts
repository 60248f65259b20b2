import {
  counter,
  currentContext,
  histogram,
  isTracing,
  type Logger,
  runInContext,
  runWithTrace,
  type Span,
  withSpan,
} from "@kontor/telemetry";
import { routeOf } from "@kontor/transcoder";
import { SpanStatusCode } from "@opentelemetry/api";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Decisions, decisionsOn } from "../decisions.ts";
import type { Guard } from "../policy/guard.ts";

const requests = counter("kontor_http_server_requests_total", "REST requests that ended.", [
  "route",
  "method",
  "status",
]);
const duration = histogram(
  "kontor_http_server_duration_seconds",
  "Time from the request's head to the end of its response.",
  ["route", "method"],
);

/** The dependencies of the observation. */
export interface ObserveOptions {
  readonly log: Logger;
  readonly guard: Pick<Guard, "principalOf">;
  /** Per cent of the requests with a status below 400 that are logged. */
  readonly accessLogPercent: number;
}

/** One trace and one count for every request, and a log line unless it is left out. Routes are named as their contract writes them. */
export function observe(app: FastifyInstance, { log, guard, accessLogPercent }: ObserveOptions): void {
  app.addHook("onRequest", (request, reply, done) => {
    const startedAt = performance.now();
    const carrier = { traceparent: one(request.headers.traceparent), tracestate: one(request.headers.tracestate) };
    void runWithTrace(carrier, () => {
      if (isTracing()) return traced(request, reply, startedAt, done);
      const context = currentContext();
      reply.raw.once("close", () => note(request, reply, undefined, startedAt, context));
      done();
    });
  });

  /** Runs a request in a span, which ends with its response. */
  function traced(request: FastifyRequest, reply: FastifyReply, startedAt: number, done: () => void): Promise<void> {
    return withSpan(request.method, { kind: "server", attributes: attributes(request) }, (span) => {
      const context = currentContext();
      const ended = new Promise<void>((resolve) => {
        reply.raw.once("close", () => resolve(note(request, reply, span, startedAt, context)));
      });
      done();
      return ended;
    });
  }

  function note(
    request: FastifyRequest,
    reply: FastifyReply,
    span: Span | undefined,
    startedAt: number,
    context: ReturnType<typeof currentContext>,
  ): void {
    const elapsedMs = performance.now() - startedAt;
    const route = routeOf(request)?.pattern ?? request.routeOptions.url ?? "";
    const named = route === "*" || route === "" ? "unknown" : route;
    const status = reply.raw.writableFinished || reply.raw.statusCode === 101 ? reply.raw.statusCode : 499;
    const decisions = decisionsOn(request);
    count(named, request.method, status, elapsedMs / 1000);
    if (span !== undefined) describe(span, request.method, named, status, decisions);
    if (named === "/healthz" || named === "/readyz" || !log.isLevelEnabled("info")) return;
    if (status < 400 && Math.random() * 100 >= accessLogPercent) return;
    const line = {
      method: request.method,
      route: named,
      status,
      durationMs: Math.round(elapsedMs * 10) / 10,
      client: request.ip,
      requestId: request.id,
      subject: guard.principalOf(request)?.subject,
      ...(decisions && { decisions }),
    };
    runInContext(context, () => log.info(line, "response sent")); // The logger adds the trace.
  }
}

type Counts = Map<string, { readonly count: (status: number) => void; readonly time: (seconds: number) => void }>;
const known: Counts = new Map();

/** Counts a request. The counters of a route are looked up once. */
function count(route: string, method: string, status: number, seconds: number): void {
  const key = `${method} ${route}`;
  let counts = known.get(key);
  if (counts === undefined) {
    const byStatus = new Map<number, { inc(): void }>();
    const timed = duration.labels({ route, method });
    counts = {
      count(status) {
        const counter = byStatus.get(status) ?? requests.labels({ route, method, status: String(status) });
        byStatus.set(status, counter);
        counter.inc();
      },
      time: (seconds) => timed.observe(seconds),
    };
    known.set(key, counts);
  }
  counts.count(status);
  counts.time(seconds);
}

function describe(span: Span, method: string, route: string, status: number, decisions: Decisions = {}): void {
  for (const name in decisions) span.setAttribute(`kontor.${name}`, decisions[name] ?? "");
  span.updateName(`${method} ${route}`);
  span.setAttributes({ "http.route": route, "http.response.status_code": status });
  if (status >= 500) span.setAttribute("error.type", String(status)).setStatus({ code: SpanStatusCode.ERROR });
}

/** Returns nothing of path and query: they may have private data, such as the id of a guest's cart. `http.route` names the route. */
function attributes({ method, protocol }: FastifyRequest) {
  return { "http.request.method": method, "url.scheme": protocol };
}

function one(header: string | string[] | undefined): string {
  return typeof header === "string" ? header : "";
}
