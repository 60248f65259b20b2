import { randomUUIDv7 } from "node:crypto";
import { isKontorError } from "@kontor/errors";
import { failpoint } from "@kontor/failpoint";
import type { Database } from "@kontor/postgres";
import { type Logger, runWithTrace, withSpan } from "@kontor/telemetry";
import type { JsMsg } from "@nats-io/jetstream";
import type { ConsumerDefinition, EventContext } from "./consumer-definition.ts";
import { defer, retryDelay } from "./deferred.ts";
import { readEnvelope, sourceOf } from "./envelope.ts";
import { readVersion } from "./event-version.ts";
import { claim, deadLetter, type Received } from "./inbox.ts";
import { metrics } from "./metrics.ts";
import { isPermanent, PermanentError } from "./permanent-error.ts";
import type { MessagingSettings } from "./settings.ts";
import type { StreamDeclaration } from "./topology.ts";

/** What handling a message needs. */
export interface DeliveryContext {
  readonly db: Database;
  readonly stream: StreamDeclaration;
  readonly definition: ConsumerDefinition;
  readonly settings: MessagingSettings;
  readonly log: Logger;
}

type Effect = (context: EventContext) => Promise<void>;

/** How an attempt ended. `unsettled`: its failure could not be recorded, so the message and all behind it must come again. */
export type Result = "processed" | "duplicate" | "deferred" | "retry" | "dead-lettered" | "unsettled";

/** Reads what the tables need to know of a message. One that no outbox wrote gets an id of its own. */
export function receive(consumer: string, message: JsMsg): Received {
  const envelope = readEnvelope(message.subject, message.headers, message.time);
  return { ...envelope, id: envelope.id ?? randomUUIDv7(), consumer, streamSeq: message.seq, payload: message.data };
}

/**
 * Handles a message until it is settled: effect and inbox row in one transaction, or a deferred message, or a dead letter;
 * then the ack. Never rejects.
 */
export function deliver(context: DeliveryContext, message: JsMsg, received: Received): Promise<Result> {
  return observe(received, async () => {
    const result = await settle(context, received);
    if (result === "processed") failpoint("consumer.after-commit");
    if (result === "deferred") failpoint("consumer.after-defer");
    if (result === "dead-lettered")
      message.term(); // Without the reason: it would appear in an advisory on the wire.
    else if (result !== "unsettled") message.ack();
    return result;
  });
}

/** Runs work with the trace, the span and the metrics of a message. */
export async function observe(received: Received, work: () => Promise<Result>): Promise<Result> {
  const { consumer, type } = received;
  const finished = metrics.duration.startTimer({ consumer });
  const result = await runWithTrace(received.headers, () =>
    withSpan(`process ${type}`, { kind: "consumer", attributes: attributes(received) }, work),
  );
  finished();
  metrics.messages.inc({ consumer, type, result });
  if (result === "processed")
    metrics.lag.observe({ consumer }, Math.max(0, Date.now() - received.time.getTime()) / 1000);
  return result;
}

async function settle(context: DeliveryContext, received: Received): Promise<Result> {
  const { db, log, settings } = context;
  try {
    const effect = prepare(context, received);
    const claimed = await db.transaction(async (tx) => {
      const answer = await claim(tx, received);
      if (answer === "mine") await effect({ tx, ...received });
      return answer;
    });
    if (claimed === "deferred") return "deferred";
    return claimed === "mine" ? "processed" : "duplicate";
  } catch (error) {
    const reason = describe(error);
    try {
      if (isPermanent(error)) {
        await deadLetter(db, received, reason, 1);
        log.error({ ...about(received), reason }, "message dead-lettered");
        return "dead-lettered";
      }
      const failure = { reason, delayMs: retryDelay(0, settings) };
      if (!(await db.transaction((tx) => defer(tx, received, failure)))) return "duplicate";
      log.warn({ ...about(received), err: error }, "message failed and was deferred; retrying");
      return "deferred";
    } catch (cause) {
      log.warn({ ...about(received), err: cause }, "message failed and its failure could not be recorded");
      return "unsettled";
    }
  }
}

/**
 * Returns the effect of a message.
 *
 * @throws PermanentError if it was not published by the owner of its stream or cannot be decoded; Error if this release has
 * no handler for its type or version, which a newer one may have.
 */
export function prepare({ stream, definition }: DeliveryContext, { id, type, headers, payload }: Received): Effect {
  if (headers["ce-id"] !== id) throw new PermanentError("The message carries no event id, so no outbox wrote it.");
  const source = headers["ce-source"];
  if (source !== sourceOf(stream.service))
    throw new PermanentError(
      `The message comes from ${source ?? "an unnamed publisher"}; only ${stream.service} publishes ${type}.`,
    );
  const handler = definition.handlers.find((candidate) => candidate.type === type);
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
