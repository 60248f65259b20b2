import type { Message, Registry } from "@bufbuild/protobuf";
import type { ProblemAnswer } from "../problems/problem.ts";
import { dataOf, render, yieldsBytes } from "../response/render.ts";
import type { Route } from "../routing/route.ts";
import type { Framing } from "./framing.ts";

/** A server stream that has begun: it has a first message, has ended, or has sent nothing for a heartbeat. */
export interface Opened {
  readonly contentType: string;
  readonly body: AsyncIterable<string | Uint8Array>;
}

/** The dependencies of a rendered stream. */
export interface StreamContext {
  readonly route: Route;
  readonly registry: Registry;
  readonly framing: Framing;
  readonly heartbeatMs: number;
  /** Reads the version of the resource from a message, if the contract names it. */
  readonly versionOf: VersionOf | undefined;
  /** The version that the client has already; undefined unless it reconnects. */
  readonly after: bigint | undefined;
  readonly problem: (error: unknown) => ProblemAnswer;
  /** Once it aborts, no more messages are sent. */
  readonly signal: AbortSignal;
}

/** Reads the version of the resource from a message, an integer; undefined where the message has none. */
export type VersionOf = (message: Message) => string | undefined;

type Step = IteratorResult<Message, unknown>;
const silent = Symbol("silent");

/** How long a client that reconnects waits for its headers while nothing is new, in milliseconds. */
const RESUME_MS = 1_000;

/**
 * Waits for the first message, so that an earlier error can still be an HTTP status, and renders the rest as it is consumed. Messages that
 * the client has already received are skipped.
 *
 * @returns undefined if the client has received everything and the stream has ended: there is no reason to reconnect.
 * @throws any error of the stream before its first message.
 */
export async function openStream(
  messages: AsyncIterable<Message>,
  context: StreamContext,
): Promise<Opened | undefined> {
  const { after, framing, heartbeatMs } = context;
  const iterator = (after === undefined ? messages : newerThan(after, messages, context))[Symbol.asyncIterator]();
  const first = iterator.next();
  const waitMs = after === undefined ? heartbeatMs : Math.min(heartbeatMs, RESUME_MS);
  const opened = await orSilence(first, framing.heartbeat === "" ? 0 : waitMs);
  if (after !== undefined && opened !== silent && opened.done === true) return undefined;
  if (yieldsBytes(context.route)) {
    const step = opened === silent ? await first : opened;
    const contentType =
      step.done === true ? "application/octet-stream" : render(context.route, step.value, context.registry).contentType;
    return { contentType, body: bytes(iterator, step, context) };
  }
  return { contentType: context.framing.contentType, body: text(iterator, first, context) };
}

async function* newerThan(
  after: bigint,
  messages: AsyncIterable<Message>,
  { versionOf }: StreamContext,
): AsyncGenerator<Message> {
  for await (const message of messages) {
    const version = versionOf?.(message);
    if (version === undefined || BigInt(version) > after) yield message;
  }
}

async function* text(
  iterator: AsyncIterator<Message>,
  first: Promise<Step>,
  context: StreamContext,
): AsyncGenerator<string> {
  const { framing, heartbeatMs, registry, route, problem, signal, versionOf } = context;
  let next = first;
  let index = 0;
  let isVersioned = false;
  let prefix = framing.start();
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
      const version = versionOf?.(step.value);
      isVersioned ||= version !== undefined;
      yield prefix + framing.message(String(render(route, step.value, registry).body), index++, version);
      prefix = "";
      next = iterator.next();
    }
    yield prefix + framing.end(isVersioned);
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

/** Resolves to the step, or to silence once `ms` have passed without it. Zero waits forever. */
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
