import { timingSafeEqual } from "node:crypto";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { Readable } from "node:stream";
import { isJsonObject, type Json } from "./fields.ts";
import { HttpError } from "./http-error.ts";
import { createLog } from "./log.ts";

const BODY_LIMIT = 64 * 1024;

/** One request, parsed. */
export interface Call {
  /** The HTTP method. */
  readonly method: string;
  /** The path without the query. */
  readonly path: string;
  /** The value of a `{name}` segment of the route; throws when the route has none. */
  param(name: string): string;
  /** The parameters of the query. */
  readonly query: URLSearchParams;
  /** The request headers, by lower-case name. */
  readonly headers: IncomingHttpHeaders;
  /** The JSON body; `{}` when there was none. */
  readonly body: Json;
}

/** The response body: an object as JSON, a string or stream under the content type in `headers`. */
export interface Answer {
  /** The HTTP status. */
  readonly status: number;
  /** An object is sent as JSON. Default: an empty body. */
  readonly body?: object | string;
  /** Response headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends no response for this time, and then destroys the socket. */
  readonly loseAfterMs?: number;
}

/** A method, a path with `{name}` segments, and the handler. `open` routes need no API key. */
export interface Route {
  /** The HTTP method. */
  readonly method: "GET" | "POST" | "DELETE";
  /** Such as `/v1/payments/{id}`. */
  readonly path: string;
  /** Whether no API key is needed. Default: false. */
  readonly open?: boolean;
  /** Returns the response. Throws {@link HttpError} to refuse. */
  readonly handle: (call: Call) => Answer | Promise<Answer>;
}

/** Serves the routes as JSON over HTTP, behind `Authorization: Bearer <apiKey>` if there is a key. */
export function createHttpApi(options: { routes: readonly Route[]; apiKey?: string }): Server {
  const routes = options.routes.map((route) => ({ route, pattern: toPattern(route.path) }));

  async function answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? "/", "http://localhost");
    const matches = routes.flatMap(({ route, pattern }) => {
      const match = pattern.exec(url.pathname);
      return match ? [{ route, params: match.groups ?? {} }] : [];
    });
    const found = matches.find(({ route }) => route.method === request.method);
    if (!found && matches.length > 0) throw new HttpError(405, "method_not_allowed", `No ${request.method} here.`);
    if (!found) throw new HttpError(404, "not_found", `Nothing is served at ${url.pathname}.`);
    if (options.apiKey && !found.route.open) requireKey(request, options.apiKey);
    return found.route.handle({
      method: found.route.method,
      path: url.pathname,
      param: (name) => decodeSegment(found.params[name]),
      query: url.searchParams,
      headers: request.headers,
      body: await readBody(request),
    });
  }

  return createServer({ keepAliveTimeout: 60_000, requestTimeout: 15_000 }, async (request, response) => {
    send(response, await answer(request).catch(describeError));
  });
}

function toPattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
}

function decodeSegment(segment: string | undefined): string {
  try {
    return decodeURIComponent(segment ?? "");
  } catch (cause) {
    throw new HttpError(404, "not_found", `The path is not well-formed: ${cause}`);
  }
}

function requireKey(request: IncomingMessage, apiKey: string): void {
  const given = Buffer.from(request.headers.authorization ?? "");
  const wanted = Buffer.from(`Bearer ${apiKey}`);
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new HttpError(401, "unauthorized", "The API key is missing or wrong.");
}

async function readBody(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new HttpError(413, "body_too_large", `A body may have ${BODY_LIMIT} bytes.`);
    chunks.push(chunk);
  }
  if (size === 0) return {};
  const body = parseJson(Buffer.concat(chunks).toString("utf8"));
  if (isJsonObject(body)) return body;
  throw new HttpError(400, "invalid_json", "The body must be a JSON object.");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HttpError(400, "invalid_json", `The body is not JSON: ${cause}`);
  }
}

function describeError(error: unknown): Answer {
  if (error instanceof HttpError) {
    return { status: error.status, body: { error: { code: error.code, message: error.message } } };
  }
  createLog("simulator").error({ err: error }, "request failed by a bug");
  return { status: 500, body: { error: { code: "internal", message: "The simulator has a bug; see its log." } } };
}

function send(response: ServerResponse, { status, body, headers, loseAfterMs }: Answer): void {
  if (loseAfterMs !== undefined) {
    const timer = setTimeout(() => response.destroy(), loseAfterMs);
    response.once("close", () => clearTimeout(timer));
    return;
  }
  const type = typeof body === "object" && !(body instanceof Readable) ? { "content-type": "application/json" } : {};
  response.writeHead(status, { ...type, ...headers });
  if (body instanceof Readable) body.once("error", () => response.destroy()).pipe(response);
  else response.end(typeof body === "object" ? JSON.stringify(body) : body);
}
