import { randomUUIDv7 } from "node:crypto";
import { isKontorError, isTransient } from "@kontor/errors";
import { failpoint } from "@kontor/failpoint";
import type { Database } from "@kontor/postgres";
import { type Logger, runWithTrace, withSpan } from "@kontor/telemetry";
import type { JsMsg } from "@nats-io/jetstream";
import type { ConsumerDefinition, EventContext } from "./consumer-definition.ts";
import { readEnvelope } from "./envelope.ts";
import { claim, giveUp, type Received, recordFailure } from "./inbox.ts";
import { metrics } from "./metrics.ts";
import { jittered } from "./pause.ts";
import type { MessagingSettings } from "./settings.ts";

/** What handling a message needs. */
export interface DeliveryContext {
  readonly db: Database;
  readonly definition: ConsumerDefinition;
  readonly settings: MessagingSettings;
  readonly log: Logger;
}

type Effect = (context: EventContext) => Promise<void>;
type Result = "processed" | "duplicate" | "waiting" | "retry" | "dead-lettered" | "postponed";

const SHORTEST_DELAY = 50;

/** Reads what the tables need to know of a message. One that no outbox wrote gets an id of its own. */
export function receive(consumer: string, message: JsMsg): Received {
  const envelope = readEnvelope(message.subject, message.headers, message.time);
  return { ...envelope, id: envelope.id ?? randomUUIDv7(), consumer, streamSeq: message.seq, payload: message.data };
}

/** Handles a message to the end: effect and inbox row in one transaction, then the answer to the server. Never rejects. */
export async function deliver(context: DeliveryContext, message: JsMsg, received: Received): Promise<void> {
  const { consumer, type } = received;
  const finished = metrics.duration.startTimer({ consumer });
  const result = await runWithTrace(received.headers, () =>
    withSpan(`process ${type}`, { kind: "consumer", attributes: attributes(received) }, () =>
      settle(context, message, received),
    ),
  );
  finished();
  metrics.messages.inc({ consumer, type, result });
  if (result === "processed")
    metrics.lag.observe({ consumer }, Math.max(0, Date.now() - received.time.getTime()) / 1000);
}

async function settle(context: DeliveryContext, message: JsMsg, received: Received): Promise<Result> {
  try {
    return await attempt(context, message, received);
  } catch (error) {
    return await retryOrBury(context, message, received, error).catch((cause: unknown) => {
      // The database is away: that is no attempt of the message.
      context.log.warn({ ...about(received), err: cause }, "a message is postponed, its failure could not be recorded");
      message.nak(Math.ceil(jittered(2 * context.settings.retryBaseMs)) + SHORTEST_DELAY);
      return "postponed" as const;
    });
  }
}

async function attempt(context: DeliveryContext, message: JsMsg, received: Received): Promise<Result> {
  const effect = prepare(context.definition, received);
  if ("broken" in effect) return bury(context, message, received, effect.broken, false);
  const claimed = await context.db.transaction(async (tx) => {
    const answer = await claim(tx, received);
    if (answer === "mine") await effect.run({ tx, ...received });
    return answer;
  });
  if (typeof claimed === "object") {
    message.nak(Math.ceil(claimed.waitMs + SHORTEST_DELAY + Math.random() * SHORTEST_DELAY));
    return "waiting";
  }
  failpoint("consumer.after-commit");
  message.ack();
  return claimed === "mine" ? "processed" : "duplicate";
}

async function retryOrBury(
  context: DeliveryContext,
  message: JsMsg,
  received: Received,
  error: unknown,
): Promise<Result> {
  const reason = describe(error);
  if (isKontorError(error) && !isTransient(error)) return bury(context, message, received, reason, false);
  const failure = await recordFailure(context.db, received, reason, context.settings);
  if (!failure) {
    message.ack();
    return "duplicate";
  }
  const { attempts, delayMs } = failure;
  if (attempts >= context.settings.maxAttempts) return bury(context, message, received, reason, true);
  context.log.warn({ ...about(received), err: error, attempts }, "a message failed and will be tried again");
  message.nak(Math.ceil(Math.max(SHORTEST_DELAY, delayMs)));
  return "retry";
}

function prepare(definition: ConsumerDefinition, received: Received): { run: Effect } | { broken: string } {
  if (received.headers["ce-id"] !== received.id) return { broken: "It carries no event id: no outbox wrote it." };
  const handler = definition.handlers.find(({ type }) => type === received.type);
  if (!handler) return { broken: `There is no handler for ${received.type}.` };
  try {
    return { run: handler.prepare(received.payload) };
  } catch (error) {
    return { broken: `The payload cannot be decoded: ${describe(error)}` };
  }
}

async function bury(
  context: DeliveryContext,
  message: JsMsg,
  received: Received,
  reason: string,
  counted: boolean,
): Promise<Result> {
  await giveUp(context.db, received, reason, { counted });
  message.term(); // Without the reason: it would appear in an advisory on the wire.
  context.log.error({ ...about(received), reason }, "a message was given up and is a dead letter now");
  return "dead-lettered";
}

function about({ consumer, id, type, key }: Received) {
  return { consumer, id, type, key };
}

/** An error as one line for a table. */
export function describe(error: unknown): string {
  if (isKontorError(error)) return `${error.reason}: ${error.message}`.slice(0, 2_000);
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
