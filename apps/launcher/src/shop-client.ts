import { setTimeout as delay } from "node:timers/promises";

/** A refusal of the shop, by RFC 9457. */
export class ShopError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly body: unknown;

  constructor(request: string, status: number, body: unknown) {
    const { title, detail, reason } = problem(body);
    super(`${request} answered ${status}: ${detail ?? title ?? JSON.stringify(body)}`);
    this.status = status;
    this.reason = reason ?? "";
    this.body = body;
  }
}

const WAITS = 3;
const LONGEST_WAIT_S = 60;

/** Calls the public REST API like any client. A call over its rate limit is repeated after Retry-After. */
export type ShopClient = {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** The received bytes, and the status, also of errors. */
  send(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }>;
  /** Opens a stream of server-sent events. */
  events(path: string, signal: AbortSignal): Promise<Response>;
};

export function shopClient(gateway: string, token?: string): ShopClient {
  const headers = { ...(token ? { authorization: `Bearer ${token}` } : {}) };

  async function send(method: string, path: string, body?: unknown) {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${gateway}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...content,
      signal: AbortSignal.timeout(30_000),
    });
    const retryAfter = Number(answer.headers.get("retry-after") ?? Number.POSITIVE_INFINITY);
    return { status: answer.status, text: await answer.text(), retryAfter };
  }

  async function call<T>(method: string, path: string, body?: unknown, waits = WAITS): Promise<T> {
    const { status, text, retryAfter } = await send(method, path, body);
    if (status === 429 && waits > 0 && retryAfter <= LONGEST_WAIT_S) {
      await delay(retryAfter * 1_000);
      return call(method, path, body, waits - 1);
    }
    const value = parse(text);
    if (status >= 400) throw new ShopError(`${method} ${path}`, status, value);
    return value;
  }

  return {
    get: (path) => call("GET", path),
    post: (path, body) => call("POST", path, body),
    send,
    events: (path, signal) =>
      fetch(`${gateway}${path}`, { headers: { ...headers, accept: "text/event-stream" }, signal }),
  };
}

export type Session = { accessToken: string; userId: string };

export function signIn(gateway: string, email: string, password: string): Promise<Session> {
  return shopClient(gateway).post<Session>("/api/v1/sessions", { email, password });
}

function parse(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function problem(body: unknown): { title?: string; detail?: string; reason?: string } {
  return typeof body === "object" && body !== null ? body : {};
}
