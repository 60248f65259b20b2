import { ClientError, problemError } from "./errors.ts";
import { jsonLines, type StreamEvent, serverSentEvents } from "./events.ts";
import type { ClientOptions, Operation, StreamOptions } from "./operation.ts";
import { connectionError, send } from "./send.ts";
import { backoff, delay } from "./waiting.ts";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const SILENCE_MS = 60_000;
/** The id with which the edge ends a stream that has no versions. */
const END_ID = "end";
const temporary: ReadonlySet<number> = new Set([0, 429, 502, 503, 504]);

/**
 * Yields the messages of a server stream. A connection that is lost is opened again after the last event that was received, with a token that is
 * valid then. Events without ids cannot be continued: once one was received, a lost connection ends the stream with an error.
 *
 * @throws ClientError when the stream has failed, or was opened `retries` times in a row without an event.
 */
export async function* stream(
  client: ClientOptions,
  operation: Operation,
  request: Readonly<Record<string, unknown>>,
  options: StreamOptions,
): AsyncGenerator<unknown> {
  const retries = options.retries ?? client.retries ?? 10;
  const timeoutMs = options.timeoutMs ?? Number.POSITIVE_INFINITY;
  const accept = options.headers?.accept ?? "text/event-stream";
  let lastEventId = options.lastEventId;
  let retryMs = FIRST_WAIT_MS;
  let hasBegun = false;
  for (let failures = 0; ; ) {
    let leastMs = 0;
    let isOpen = false;
    try {
      const opening = { client, operation, request, options, accept, timeoutMs, lastEventId };
      const response = await send(opening, (opened) => opened);
      isOpen = true;
      options.onResponse?.(response);
      if (response.status === 204) return;
      for await (const event of eventsOf(response, options.silenceMs ?? SILENCE_MS)) {
        if (event.type === "problem") throw problemError(operation.http, JSON.parse(event.data ?? "{}"));
        retryMs = event.retryMs ?? retryMs;
        lastEventId = event.id ?? lastEventId;
        if (event.data === undefined) continue;
        failures = 0;
        hasBegun = true;
        yield JSON.parse(event.data);
      }
      // A stream with versions may have been ended by a proxy. The edge responds with 204 to a reconnect after the last version.
      if (lastEventId === undefined || lastEventId === END_ID) return;
    } catch (cause) {
      const error = cause instanceof ClientError ? cause : connectionError(operation.http, cause);
      const isTemporary = temporary.has(error.status) || (isOpen && error.status === 401); // Its token has expired since.
      const mayReopen = operation.safe === true && (!hasBegun || lastEventId !== undefined);
      failures += 1;
      if (!isTemporary || !mayReopen || failures > retries) throw error;
      leastMs = error.retryAfterMs ?? 0;
    }
    const waitMs = backoff(Math.max(0, failures - 1), retryMs, LONGEST_WAIT_MS);
    await delay(Math.max(leastMs, waitMs), options.signal);
  }
}

function eventsOf(response: Response, silenceMs: number): AsyncGenerator<StreamEvent> {
  const isLines = response.headers.get("content-type")?.startsWith("application/x-ndjson") ?? false;
  return (isLines ? jsonLines : serverSentEvents)(textsOf(response, silenceMs));
}

/** Decodes a body as it arrives. Leaving the loop closes the connection. */
async function* textsOf({ body }: Response, silenceMs: number): AsyncGenerator<string> {
  if (body === null) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await orSilence(reader.read(), silenceMs);
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Throws TypeError, as `fetch` does for a lost connection, if nothing arrives in time. */
function orSilence<T>(arriving: Promise<T>, silenceMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new TypeError(`Nothing arrived for ${silenceMs} ms.`)), silenceMs);
    arriving.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
