import type { FastifyReply, FastifyRequest } from "fastify";
import type { EdgeCall } from "../call.ts";
import { Status } from "../problems/code.ts";
import { refusal } from "../problems/http-error.ts";
import { RpcError } from "../problems/rpc-error.ts";
import { say } from "../problems/text.ts";
import { parsePath } from "../routing/raw-path.ts";
import type { Route } from "../routing/route.ts";
import type { Found } from "../routing/route-table.ts";
import { asksForSocket } from "../sockets/handshake.ts";
import type { Transcoder } from "../transcoder.ts";

/** A call with the means to end it. */
export interface Exchange extends EdgeCall {
  found: Found;
  /** When the request arrived, in milliseconds since the epoch. */
  readonly arrived: number;
  /** When the call must be over, in milliseconds since the epoch; undefined until its clock is started. */
  deadline?: number;
}

/** The property of a request that contains its exchange. It costs a fraction of a WeakMap, which the garbage collector pays for. */
const exchangeKey = Symbol("exchange");
type Routed = FastifyRequest & { [exchangeKey]?: Exchange };

/** Returns the route that serves a request; undefined before it is found, and when there is none. */
export function routeOf(request: FastifyRequest): Route | undefined {
  return (request as Routed)[exchangeKey]?.found.route;
}

/** The exchange of a request whose route was found. */
export function exchangeOf(request: FastifyRequest): Exchange {
  const exchange = (request as Routed)[exchangeKey];
  if (exchange === undefined) throw new TypeError("the request has no route");
  return exchange;
}

/** Finds the route of a request and sets `Allow` and `Accept-Patch`. Returns undefined for OPTIONS. @throws HttpError 400, 404, 405, 414 */
export function findRoute(
  { table, sockets, limits, patchTypes }: Transcoder,
  request: FastifyRequest,
  reply: FastifyReply,
): Found | undefined {
  const target = request.raw.url ?? "/";
  if (target.length > limits.urlLength) throw refusal("URL_TOO_LONG", say("TOO_LONG_URL", { max: limits.urlLength }));
  if (target === "*" && request.method === "OPTIONS") return undefined;
  const path = parsePath(splitTarget(target).path);
  const socket = asksForSocket(request.raw) ? sockets.find("GET", path) : undefined;
  const lookup = socket ?? table.find(request.method, path);
  if (lookup === undefined) throw refusal("ROUTE_NOT_FOUND", say("ROUTE_NOT_FOUND"));
  if ("found" in lookup) {
    const types = patchTypes.get(lookup.found.route);
    if (types !== undefined) reply.header("Accept-Patch", types);
    return lookup.found;
  }
  const allow = lookup.allow.join(", ");
  reply.header("Allow", allow);
  const patch = lookup.allow.includes("PATCH") ? table.find("PATCH", path) : undefined;
  const types = patch && "found" in patch ? patchTypes.get(patch.found.route) : undefined;
  if (types !== undefined) reply.header("Accept-Patch", types);
  if (request.method === "OPTIONS") return undefined;
  throw refusal("METHOD_NOT_ALLOWED", say("METHOD_NOT_ALLOWED", { allowed: allow }));
}

/** Splits a request target at its first question mark. The absolute form, which proxies use, is taken for its path. */
export function splitTarget(raw: string): { path: string; query: string } {
  const target = /^https?:\/\//i.test(raw) ? raw.replace(/^https?:\/\/[^/?]*\/?/i, "/") : raw;
  const mark = target.indexOf("?");
  return mark === -1 ? { path: target, query: "" } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** Begins the exchange of a found route: from now on, a client that disconnects ends the call. */
export function beginExchange(found: Found, request: FastifyRequest, reply: FastifyReply): Exchange {
  const controller = new AbortController();
  const ends: Disposable[] = [];
  reply.raw.once("close", () => {
    for (const end of ends) end[Symbol.dispose]();
    if (!reply.raw.writableFinished) controller.abort(new RpcError(Status.CANCELLED, "The client disconnected."));
  });
  const exchange: Exchange = {
    found,
    method: found.route.method,
    request,
    signal: controller.signal,
    arrived: Date.now(),
    endAt: (at, reason) => void ends.push(runAt(at, () => controller.abort(reason()))),
    abort: (reason) => controller.abort(reason),
  };
  (request as Routed)[exchangeKey] = exchange;
  return exchange;
}

/** The longest that a timer of Node.js waits; longer ones fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Runs work at a time in milliseconds since the epoch, at once if it has passed. Disposed of before, it does not run. */
function runAt(at: number, work: () => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    const ms = at - Date.now();
    if (ms <= 0) work();
    else timer = setTimeout(wait, Math.min(ms, LONGEST_TIMER_MS));
  };
  wait();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
