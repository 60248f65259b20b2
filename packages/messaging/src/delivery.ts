import { randomUUIDv7 } from "node:crypto";
import { isKontorError } from "@kontor/errors";
import { currentName } from "@kontor/nats";
import type { Database } from "@kontor/postgres";
import { type Logger, runWithTrace, withSpan } from "@kontor/telemetry";
import type { JsMsg } from "@nats-io/jetstream";
import type { ConsumerDefinition, Effect, EventHandler } from "./consumer-definition.ts";
import { defer, retryDelay } from "./deferred.ts";
import { readEnvelope, sourceOf } from "./envelope.ts";
import { readVersion } from "./event-version.ts";
import { type Fence, fenced } from "./fence.ts";
import { deadLetter, type Received } from "./inbox.ts";
import { metrics } from "./metrics.ts";
import { isPermanent, PermanentError } from "./permanent-error.ts";
import type { MessagingSettings } from "./settings.ts";
import type { Stream } from "./topology.ts";

/** The dependencies of handling a message. */
export interface DeliveryContext {
  readonly db: Database;
  readonly stream: Stream;
  readonly definition: ConsumerDefinition;
  readonly settings: MessagingSettings;
  readonly log: Logger;
  /** Aborts when this replica loses the right to handle messages. Default: nothing but the lock of the durable. */
  readonly fence?: Fence | undefined;
}

/**
 * How an attempt ended. `unsettled`: its failure could not be recorded, so the message and all behind it must be delivered again. `left`:
 * its effect did not run, and it is next.
 */
export type Result = "processed" | "duplicate" | "deferred" | "retry" | "dead-lettered" | "unsettled" | "left";

/** Reads the columns of a message. A message that no outbox wrote gets a new id. */
export function receive({ stream, definition }: DeliveryContext, message: JsMsg): Received {
  const envelope = readEnvelope(currentName(stream, message.subject), message.headers, message.time);
  const id = envelope.id ?? randomUUIDv7();
  return { ...envelope, id, consumer: definition.durable, streamSeq: message.seq, payload: message.data };
}

/** Runs work with the trace, the span and the metrics of a message. */
export async function observe(received: Received, work: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  const result = await inTrace(received, work);
  count(received, result, startedAt);
  return result;
}

/** Runs work in the trace of a message, in a new span. */
export function inTrace<T>(received: Received, work: () => Promise<T>): Promise<T> {
  const span = { kind: "consumer", attributes: attributes(received) } as const;
  return runWithTrace(received.headers, () => withSpan(`process ${received.type}`, span, work));
}

/** Counts the outcome of a message that was taken at `startedAt` of the monotonic clock. */
export function count({ consumer, type, time }: Received, result: Result, startedAt: number): void {
  metrics.duration.observe({ consumer }, (performance.now() - startedAt) / 1_000);
  metrics.messages.inc({ consumer, type, result });
  if (result === "processed") metrics.lag.observe({ consumer }, Math.max(0, Date.now() - time.getTime()) / 1_000);
}

/**
 * Records the failure of a message: as a dead letter if no later attempt can succeed, else as a deferred message, which is retried. Never
 * rejects.
 */
export async function recordFailure({ db, fence, log, settings }: DeliveryContext, received: Received, error: unknown) {
  const reason = describe(error);
  try {
    if (isPermanent(error)) {
      await fenced(db, fence, (tx) => deadLetter(tx, received, reason, 1));
      log.error({ ...about(received), reason }, "message dead-lettered");
      return "dead-lettered";
    }
    const failure = { reason, delayMs: retryDelay(0, settings) };
    if (!(await fenced(db, fence, (tx) => defer(tx, received, failure)))) return "duplicate";
    log.warn({ ...about(received), err: error }, "message failed and was deferred; retrying");
    return "deferred";
  } catch (cause) {
    log.warn({ ...about(received), err: cause }, "message failed and its failure could not be recorded");
    return "unsettled";
  }
}

/** Returns the handler of a message, if this release has one for its type. */
export function handlerOf({ definition }: DeliveryContext, { type }: Received): EventHandler | undefined {
  return definition.handlers.find((candidate) => candidate.type === type);
}

/**
 * Returns the effect of a message.
 *
 * @throws PermanentError if it was not published by the owner of its stream or cannot be decoded; Error if this release has
 * no handler for its type or version, which a newer one may have.
 */
export function prepare(context: DeliveryContext, received: Received): Effect {
  const { stream } = context;
  const { id, type, headers, payload } = received;
  if (headers["ce-id"] !== id) throw new PermanentError("The message carries no event id, so no outbox wrote it.");
  const source = headers["ce-source"];
  if (source !== sourceOf(stream.service))
    throw new PermanentError(
      `The message comes from ${source ?? "an unnamed publisher"}; only ${stream.service} publishes ${type}.`,
    );
  const handler = handlerOf(context, received);
  if (!handler) throw new Error(`This release has no handler for ${type}.`);
  try {
    return handler.prepare(payload, readVersion(headers));
  } catch (cause) {
    if (isKontorError(cause, "EVENT_VERSION_UNKNOWN")) throw cause;
    throw new PermanentError(`The payload cannot be decoded: ${describe(cause)}`, { cause });
  }
}

/** Returns the facts of a message for log lines. */
export function about({ consumer, id, type, key }: Received) {
  return { consumer, id, type, key };
}

/** Returns an error as one line for a table. */
export function describe(error: unknown): string {
  if (isKontorError(error)) return `${error.reason}: ${error.message}`.slice(0, 2_000);
  if (error instanceof PermanentError) return error.message.slice(0, 2_000);
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 2_000);
}

function attributes({ consumer, id, type }: Received) {
  return {
    "messaging.system": "nats",
    "messaging.operation.type": "process",
    "messaging.operation.name": "process",
    "messaging.consumer.group.name": consumer,
    "messaging.destination.name": type,
    "messaging.message.id": id,
  };
}
