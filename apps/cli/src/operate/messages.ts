import { Refusal, readFlags } from "@kontor/config";
import { type DeadLetter, type DeferredMessage, deadLetters, deferredMessages } from "@kontor/messaging";
import { topology } from "@kontor/shop";
import { placeArguments, readAction, required } from "./action.ts";
import { openPlace, type Place, placeFlags, placeHelp } from "./place.ts";

const help = `Shows events that a consumer could not process, and decides about them.

  npm run kontor -- messages [list]                                                dead letters, and messages that are retried
  npm run kontor -- messages retry   --consumer NAME --message ID                  handle it again, within 5 seconds
  npm run kontor -- messages give-up --consumer NAME --message ID --reason TEXT    a retried message becomes a dead letter; a dead letter is resolved

  --consumer NAME    the durable consumer, as the list shows it
  --message ID       the id of the event, as the list shows it
  --reason TEXT      why it is given up; stored
${placeHelp}

Repair the cause first. A retried message is handled once, in the order of its key; the messages behind it continue on their own.
docs/runbooks/messages-deferred.md, docs/runbooks/dead-letters.md`;

const flags = {
  consumer: { type: "string" },
  message: { type: "string" },
  reason: { type: "string" },
  ...placeFlags,
} as const;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `kontor messages`: returns the exit code. */
export async function messages(args: readonly string[]): Promise<number> {
  const { action, rest } = readAction(args, ["list", "retry", "give-up"], help);
  const options = readFlags(rest, flags, help);
  if (options === undefined) return 0;
  const open = () => openPlace(options);
  if (action === "list") {
    console.log(await list(await open(), placeArguments(options)));
    return 0;
  }
  const chosen = {
    consumer: required("--consumer", options.consumer, help),
    messageId: required("--message", options.message, help),
  };
  if (!UUID.test(chosen.messageId))
    throw new Refusal(`--message is "${chosen.messageId}", which is no id of an event.`);
  const service = serviceOf(chosen.consumer);
  const reason = action === "give-up" ? required("--reason", options.reason, help) : undefined;
  console.log(await decide(await open(), service, chosen, reason));
  return 0;
}

type Chosen = { readonly consumer: string; readonly messageId: string };

/** Retries a message, or gives it up for a reason. Returns a sentence about the result. */
async function decide(place: Place, service: string, chosen: Chosen, reason: string | undefined): Promise<string> {
  const { consumer, messageId } = chosen;
  return place.withDatabase(service, async (db) => {
    const [deferred, dead] = [deferredMessages(db), deadLetters(db)];
    const [waiting] = await deferred.list(chosen);
    if (waiting !== undefined) {
      if (reason !== undefined) {
        await deferred.giveUp(consumer, messageId, reason);
        return `${consumer} makes ${messageId} a dead letter within 5 seconds. Its key ${waiting.key} continues.`;
      }
      await deferred.retryNow(consumer, waiting.key);
      return `${consumer} retries the first message of ${waiting.key} within 5 seconds.`;
    }
    const [letter] = (await dead.list(chosen)).letters;
    if (letter === undefined)
      throw new Refusal(
        `${consumer} has no open dead letter and no deferred message ${messageId}. It may be done by now.`,
      );
    if (reason !== undefined) {
      await dead.discard(letter.id, reason);
      return `The dead letter ${messageId} of ${consumer} is resolved without effect.`;
    }
    await dead.retry(letter.id);
    return `${consumer} handles ${messageId} within 5 seconds. If it fails permanently, it is listed again.`;
  });
}

function serviceOf(durable: string): string {
  const found = topology.consumers.find((consumer) => consumer.durable === durable);
  if (found !== undefined) return found.service;
  const known = topology.consumers.map((consumer) => consumer.durable).join(", ");
  throw new Refusal(`--consumer is "${durable}", which does not exist. It takes ${known}.`);
}

async function list(place: Place, where: string): Promise<string> {
  const services = [...new Set(topology.consumers.map(({ service }) => service))];
  const blocks: string[] = [];
  for (const service of services) {
    await place.withDatabase(service, async (db) => {
      const { letters, next } = await deadLetters(db).list();
      blocks.push(...letters.map(describeDead), ...(next ? [`${service} has more dead letters than these.`] : []));
      const waiting = await deferredMessages(db).list({ limit: 500 });
      blocks.push(
        ...waiting.filter(({ attempts }) => attempts > 0).map((message) => describeRetried(message, waiting)),
      );
    });
  }
  if (blocks.length === 0) return "No consumer has a dead letter or a message that fails.";
  const commands = `npm run kontor -- messages retry${where} --consumer NAME --message ID
npm run kontor -- messages give-up${where} --consumer NAME --message ID --reason TEXT`;
  return `${blocks.join("\n\n")}\n\n${commands}`;
}

function describeDead({ consumer, messageId, type, key, reason, attempts, failedAt }: DeadLetter): string {
  return `dead letter  --consumer ${consumer} --message ${messageId}
  ${type} of ${key}, given up at ${failedAt.toISOString()} after ${attempts} attempts
  ${reason}`;
}

function describeRetried(message: DeferredMessage, all: readonly DeferredMessage[]): string {
  const { consumer, messageId, type, key, attempts, lastError, deferredAt, nextAttemptAt } = message;
  const behind = all.filter((other) => other.consumer === consumer && other.key === key).length - 1;
  return `retried  --consumer ${consumer} --message ${messageId}
  ${type} of ${key}, fails since ${deferredAt.toISOString()}, ${attempts} attempts, next at ${nextAttemptAt?.toISOString() ?? "-"}, ${behind} wait behind it
  ${lastError}`;
}
