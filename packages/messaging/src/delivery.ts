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
    withSpan(`${consumer} process`, { kind: "consumer", attributes: attributes(received) }, () =>
      settle(context, message, received),
    ),
  );
  finished();
  metrics.messages.inc({ consumer, type, result });
  metrics.pending.set({ consumer }, message.info.pending);
}

async function settle(context: DeliveryContext, message: JsMsg, received: Received): Promise<Result> {
  const { db, definition, settings, log } = context;
  const about = { consumer: received.consumer, id: received.id, type: received.type, key: received.key };
  try {
    const effect = prepare(definition, received);
    if ("broken" in effect) return await bury(context, message, received, effect.broken, false);
    const claimed = await db.transaction(async (tx) => {
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
  } catch (error) {
    try {
      if (isKontorError(error) && !isTransient(error))
        return await bury(context, message, received, describe(error), false);
      const { attempts, delayMs } = await recordFailure(db, received, describe(error), settings);
      if (attempts >= settings.maxAttempts) return await bury(context, message, received, describe(error), true);
      log.warn({ ...about, err: error, attempts }, "a message failed and will be tried again");
      message.nak(Math.ceil(Math.max(SHORTEST_DELAY, delayMs)));
      return "retry";
    } catch (cause) {
      // The database is away: that is no attempt of the message.
      log.warn({ ...about, err: cause }, "a message is postponed, its failure could not be recorded");
      message.nak(Math.ceil(jittered(2 * settings.retryBaseMs)) + SHORTEST_DELAY);
      return "postponed";
    }
  }
}

function prepare(definition: ConsumerDefinition, received: Received): { run: Effect } | { broken: string } {
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
  const { consumer, id, type, key } = received;
  context.log.error({ consumer, id, type, key, reason }, "a message was given up and is a dead letter now");
  return "dead-lettered";
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
    "messaging.consumer.group.name": consumer,
    "messaging.destination.name": type,
    "messaging.message.id": id,
  };
}
