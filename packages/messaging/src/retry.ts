import { currentName } from "@kontor/nats";
import { type DueMessage, dueMessages, nextRetryIn, recordRetry, removeDeferred, takeDeferred } from "./deferred.ts";
import { about, type DeliveryContext, describe, observe, prepare, type Result } from "./delivery.ts";
import { deadLetter } from "./inbox.ts";
import { isPermanent } from "./permanent-error.ts";
import type { WakeUpSignal } from "./wake-up-signal.ts";

/** The pause after the table could not be read. */
const FAILURE_PAUSE_MS = 1_000;

/**
 * Retries the deferred messages of a consumer until `ended` aborts: one message of a key at a time in their order, at most
 * `retryConcurrency` keys side by side. Resolves when the retries in flight have ended.
 */
export async function retryDeferred(context: DeliveryContext, wakeUp: WakeUpSignal, ended: AbortSignal): Promise<void> {
  const { db, stream, definition, settings, log } = context;
  const running = new Map<string, Promise<void>>();
  while (!ended.aborted) {
    try {
      const free = settings.retryConcurrency - running.size;
      const due = free > 0 ? await dueMessages(db, definition.durable, free, [...running.keys()]) : [];
      for (const stored of due) {
        const message = { ...stored, type: currentName(stream, stored.type) };
        const retried = retry(context, message)
          .catch((error: unknown) => log.warn({ ...about(message), err: error }, "retry failed and was not recorded"))
          .finally(() => {
            running.delete(message.id);
            wakeUp.send();
          });
        running.set(message.id, retried);
      }
      if (due.length > 0 && due.length === free) continue;
      const wait = free > 0 ? await nextRetryIn(db, definition.durable, [...running.keys()]) : undefined;
      // Operators write to the table, too.
      await wakeUp.wait(Math.min(settings.pollMs, Math.max(wait ?? settings.pollMs, 1)), ended);
    } catch (error) {
      log.warn({ consumer: definition.durable, err: error }, "deferred messages could not be read; retrying");
      await wakeUp.wait(FAILURE_PAUSE_MS, ended);
    }
  }
  await Promise.all(running.values());
}

async function retry(context: DeliveryContext, message: DueMessage): Promise<void> {
  await observe(message, () => attempt(context, message));
}

async function attempt(context: DeliveryContext, message: DueMessage): Promise<Result> {
  const { db, settings, log } = context;
  try {
    if (message.giveUpReason !== null)
      return await giveUp(context, message, `given up: ${message.giveUpReason}`, message.attempts);
    const effect = prepare(context, message);
    return await db.transaction(async (tx) => {
      const taken = await takeDeferred(tx, message);
      if (!taken) return "duplicate";
      if (!taken.done) await effect({ tx, ...message });
      await removeDeferred(tx, message);
      return taken.done ? "duplicate" : "processed";
    });
  } catch (error) {
    const reason = describe(error);
    if (isPermanent(error)) return giveUp(context, message, reason, message.attempts + 1);
    await recordRetry(db, message, reason, settings);
    log.warn({ ...about(message), err: error, attempts: message.attempts + 1 }, "message failed again; retrying");
    return "retry";
  }
}

async function giveUp(
  { db, log }: DeliveryContext,
  message: DueMessage,
  reason: string,
  attempts: number,
): Promise<Result> {
  const given = await db.transaction(async (tx) => {
    const taken = await takeDeferred(tx, message);
    if (!taken) return false;
    if (!taken.done) await deadLetter(tx, message, reason, attempts);
    await removeDeferred(tx, message);
    return !taken.done;
  });
  if (!given) return "duplicate";
  log.error({ ...about(message), reason, attempts }, "message dead-lettered");
  return "dead-lettered";
}
