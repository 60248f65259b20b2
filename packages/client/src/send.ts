import { ClientError, errorOf } from "./errors.ts";
import type { CallOptions, ClientOptions, Operation, TokenSource } from "./operation.ts";
import { type BuiltRequest, buildRequest } from "./request.ts";
import { backoff, delay } from "./waiting.ts";

/** A call that is about to be sent. */
export interface Outgoing {
  readonly client: ClientOptions;
  readonly operation: Operation;
  readonly request: Readonly<Record<string, unknown>>;
  readonly options: CallOptions;
  readonly accept: string;
  /** The longest the call takes, in milliseconds; Infinity for streams. */
  readonly timeoutMs: number;
  readonly lastEventId?: string | undefined;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
const temporary: ReadonlySet<number> = new Set([0, 502, 503, 504]);

/**
 * Sends a call until it succeeds, and returns what `read` returns of its response. All attempts carry the same bytes and the same idempotency
 * key. A token that is refused is renewed once.
 *
 * @throws ClientError when the call has failed for good, or the reason of the signal when it aborts.
 */
export async function send<R>(outgoing: Outgoing, read: (response: Response) => R | Promise<R>): Promise<R> {
  const { client, operation, options, timeoutMs } = outgoing;
  const built = buildRequest(operation, outgoing.request);
  const name = `${built.method} ${built.target}`;
  const key = keyOf(outgoing);
  const isOnce = built.body instanceof ReadableStream;
  const retries = isOnce ? 0 : (options.retries ?? client.retries ?? 3);
  const ends = performance.now() + timeoutMs;
  const tokens = operation.guarded ? sourceOf(client.tokens) : undefined;
  let token = await tokens?.token();
  let isRenewed = false;
  for (let attempt = 0; ; attempt++) {
    const headers = headersOf(outgoing, built, key, token, ends);
    let error: ClientError;
    try {
      const response = await attemptOnce(outgoing, built, headers, ends);
      if (response.ok) return await read(response);
      error = await errorOf(name, response);
    } catch (cause) {
      error = connectionError(name, cause);
    }
    if (error.status === 401 && token !== undefined && !isRenewed && !isOnce) {
      isRenewed = true;
      token = await renewed(tokens, token, error);
      attempt--;
      continue;
    }
    if (attempt >= retries || !mayRepeat(operation, key, error)) throw error;
    const waitMs = error.retryAfterMs ?? backoff(attempt, FIRST_WAIT_MS, LONGEST_WAIT_MS);
    if (performance.now() + waitMs >= ends) throw error;
    await delay(waitMs, options.signal);
  }
}

/** Returns whether a failed call may be made again. A call over its limit was not begun, whatever it does. */
function mayRepeat({ safe, key: keyed }: Operation, key: string | undefined, error: ClientError): boolean {
  if (error.status === 429) return true;
  const isRecognised = safe === true || (keyed !== undefined && key !== undefined);
  return isRecognised && (temporary.has(error.status) || error.reason === "IDEMPOTENCY_IN_FLIGHT");
}

async function renewed(tokens: TokenSource | undefined, refused: string, error: ClientError): Promise<string> {
  let next: string | undefined;
  try {
    next = await tokens?.renew?.(refused);
  } catch (cause) {
    if (cause instanceof ClientError && cause.status >= 400 && cause.status < 500) throw error;
    throw cause;
  }
  if (next === undefined || next === refused) throw error;
  return next;
}

function keyOf({ operation: { key }, options, request }: Outgoing): string | undefined {
  if (key === undefined) return undefined;
  const given = key === "" ? undefined : request[key];
  return typeof given === "string" && given !== "" ? given : (options.idempotencyKey ?? randomKey());
}

/** Pages without TLS have no `crypto.randomUUID`. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function headersOf(
  { client, options, accept, lastEventId }: Outgoing,
  { contentType }: BuiltRequest,
  key: string | undefined,
  token: string | undefined,
  ends: number,
): Headers {
  const headers = new Headers({ accept, ...client.headers, ...options.headers });
  if (contentType !== undefined) headers.set("content-type", contentType);
  if (key !== undefined) headers.set("idempotency-key", key);
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  if (lastEventId !== undefined) headers.set("last-event-id", lastEventId);
  const leftMs = Math.ceil(ends - performance.now());
  if (leftMs > 0 && leftMs < 3_600_000) headers.set("x-request-timeout", `${leftMs}m`);
  return headers;
}

async function attemptOnce(
  { client, options }: Outgoing,
  { method, target, body }: BuiltRequest,
  headers: Headers,
  ends: number,
): Promise<Response> {
  const { fetch: fetched = fetch, url = "" } = client;
  const leftMs = ends - performance.now();
  const timer = leftMs < 2 ** 31 ? AbortSignal.timeout(Math.max(0, Math.ceil(leftMs))) : undefined;
  const signals = [options.signal, timer].filter((signal) => signal !== undefined);
  const stream = body instanceof ReadableStream ? { duplex: "half" as const } : {};
  return fetched(url.replace(/\/+$/, "") + target, {
    method,
    headers,
    ...(body !== undefined && { body }),
    ...stream,
    ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
  });
}

/** Returns the error of a connection that failed. Throws anything else, such as the reason of the signal of the caller. */
export function connectionError(name: string, error: unknown): ClientError {
  if (error instanceof DOMException && error.name === "TimeoutError")
    return new ClientError(`${name}: no response in time.`, { reason: "DEADLINE_EXCEEDED", status: 504 });
  if (!(error instanceof TypeError)) throw error; // `fetch` and its bodies throw it for any failure of the network.
  return new ClientError(
    `${name}: the connection failed. ${error.message}`,
    { reason: "NETWORK_ERROR" },
    { cause: error },
  );
}

function sourceOf(tokens: ClientOptions["tokens"]): TokenSource | undefined {
  return typeof tokens === "string" ? { token: () => tokens } : tokens;
}
