import type { Message, Registry } from "@bufbuild/protobuf";
import type { ProblemAnswer } from "./problem.ts";
import { dataOf, render, yieldsBytes } from "./render.ts";
import type { Route } from "./route.ts";

/** How the messages of a server stream become one HTTP body. */
export interface Framing {
  readonly contentType: string;
  readonly start: string;
  readonly end: string;
  /** Sent when nothing else was for a while; empty when the format has no room for it. */
  readonly heartbeat: string;
  message(json: string, index: number): string;
  /** The last words of a stream that failed. No `end` follows them. */
  error(problem: string, index: number): string;
}

const framings: Readonly<Record<string, Framing>> = {
  "text/event-stream": {
    contentType: "text/event-stream; charset=utf-8",
    start: "",
    end: "",
    heartbeat: ":\n\n",
    message: (json) => `data: ${json}\n\n`,
    error: (problem) => `event: error\ndata: ${problem}\n\n`,
  },
  "application/x-ndjson": {
    contentType: "application/x-ndjson; charset=utf-8",
    start: "",
    end: "",
    heartbeat: "",
    message: (json) => `${json}\n`,
    error: (problem) => `{"error":${problem}}\n`,
  },
  "application/json": {
    contentType: "application/json; charset=utf-8",
    start: "[",
    end: "]",
    heartbeat: "",
    message: (json, index) => `${index === 0 ? "" : ",\n"}${json}`,
    error: (problem, index) => `${index === 0 ? "" : ",\n"}{"error":${problem}}`,
  },
};

/** The types that a server stream can be asked for in. */
export const streamTypes = Object.keys(framings);

/** The framing of a media type; a JSON array when it is none of {@link streamTypes}. */
export function framingOf(type: string | undefined): Framing {
  return framings[type ?? "application/json"] ?? (framings["application/json"] as Framing);
}

/** A server stream that has begun: it has a first message, is at its end, or has been silent for a heartbeat. */
export interface Opened {
  readonly contentType: string;
  readonly body: AsyncIterable<string | Uint8Array>;
}

/** What a stream is rendered with. */
export interface StreamContext {
  readonly route: Route;
  readonly registry: Registry;
  readonly framing: Framing;
  readonly heartbeatMs: number;
  readonly problem: (error: unknown) => ProblemAnswer;
  /** Once it aborts, no more messages are sent. */
  readonly signal: AbortSignal;
}

type Step = IteratorResult<Message, unknown>;
const silent = Symbol("silent");

/**
 * Waits for the first message, so that an earlier error can still be an HTTP status, and renders the rest as it is pulled.
 *
 * @throws whatever the stream throws before its first message.
 */
export async function openStream(messages: AsyncIterable<Message>, context: StreamContext): Promise<Opened> {
  const iterator = messages[Symbol.asyncIterator]();
  const first = iterator.next();
  const opened = await orSilence(first, context.framing.heartbeat === "" ? 0 : context.heartbeatMs);
  if (yieldsBytes(context.route)) {
    const step = opened === silent ? await first : opened;
    const contentType =
      step.done === true ? "application/octet-stream" : render(context.route, step.value, context.registry).contentType;
    return { contentType, body: bytes(iterator, step, context) };
  }
  return { contentType: context.framing.contentType, body: text(iterator, first, context) };
}

async function* text(
  iterator: AsyncIterator<Message>,
  first: Promise<Step>,
  context: StreamContext,
): AsyncGenerator<string> {
  const { framing, heartbeatMs, registry, route, problem, signal } = context;
  let next = first;
  let index = 0;
  let prefix = framing.start;
  try {
    for (;;) {
      const step = await orSilence(next, framing.heartbeat === "" ? 0 : heartbeatMs);
      if (step === silent) {
        yield prefix + framing.heartbeat;
        prefix = "";
        continue;
      }
      signal.throwIfAborted();
      if (step.done === true) break;
      yield prefix + framing.message(String(render(route, step.value, registry).body), index++);
      prefix = "";
      next = iterator.next();
    }
    yield prefix + framing.end;
  } catch (error) {
    yield prefix + framing.error(JSON.stringify(problem(error).problem), index);
  } finally {
    next.catch(() => {});
    await iterator.return?.();
  }
}

async function* bytes(
  iterator: AsyncIterator<Message>,
  first: Step,
  { route, signal }: StreamContext,
): AsyncGenerator<Uint8Array> {
  try {
    for (let step = first; step.done !== true; step = await iterator.next()) {
      signal.throwIfAborted();
      yield dataOf(route, step.value);
    }
  } finally {
    await iterator.return?.();
  }
}

/** The step, or silence once `ms` have passed without it. Zero waits for ever. */
async function orSilence(step: Promise<Step>, ms: number): Promise<Step | typeof silent> {
  if (ms === 0) return step;
  const { promise, resolve } = Promise.withResolvers<typeof silent>();
  const timer = setTimeout(resolve, ms, silent);
  try {
    return await Promise.race([step, promise]);
  } finally {
    clearTimeout(timer);
  }
}
