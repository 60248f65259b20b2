import { isKontorError } from "@kontor/errors";
import { failpoint } from "@kontor/failpoint";
import { pipelined, type Tx } from "@kontor/postgres";
import type { Effect, EventHandler } from "./consumer-definition.ts";
import { defer } from "./deferred.ts";
import { about, type DeliveryContext, handlerOf, inTrace, prepare, type Result, recordFailure } from "./delivery.ts";
import { checkFence, FencedError } from "./fence.ts";
import { claim, type Received, unclaim } from "./inbox.ts";

/** How long the effects of one transaction run. The rest of the batch is left for the next one, so that locks and stops do not wait for it. */
const TRANSACTION_MS = 250;

/** A message of a batch that failed because of itself. */
class MessageFailure extends Error {
  override readonly name = "MessageFailure";
  readonly received: Received;
  constructor(received: Received, cause: unknown) {
    super("A message of the batch failed.", { cause });
    this.received = received;
  }
}

/**
 * Settles messages in order per key, and returns the outcome of each. They share one transaction: inbox rows, effects, outgoing events. On
 * a failure the transaction rolls back and the batch is split: the messages before the failed one commit, its failure is recorded, the rest
 * continues. A lost response to COMMIT leaves all unsettled: they are delivered again, and the inbox has the processed ones. Never rejects.
 */
export async function settle(
  context: DeliveryContext,
  batch: readonly Received[],
  ended: AbortSignal,
): Promise<Map<Received, Result>> {
  const results = new Map<Received, Result>();
  await settlePart(context, inKeyOrder(batch), ended, results);
  for (const received of batch) if (!results.has(received)) results.set(received, "left");
  return results;
}

/** Returns whether all were settled. Otherwise nothing behind them may run: it could have the same key. */
async function settlePart(
  context: DeliveryContext,
  batch: readonly Received[],
  ended: AbortSignal,
  results: Map<Received, Result>,
): Promise<boolean> {
  if (batch.length === 0) return true;
  const settleNext = (part: readonly Received[]) => settlePart(context, part, ended, results);
  try {
    for (const [received, result] of await runTogether(context, batch, ended)) results.set(received, result);
    return batch.every((received) => results.get(received) !== "left");
  } catch (error) {
    const alone = batch.length === 1 && !(error instanceof FencedError) ? batch[0] : undefined;
    const failed = error instanceof MessageFailure ? error.received : alone;
    if (failed) {
      const place = batch.indexOf(failed);
      if (!(await settleNext(batch.slice(0, place)))) return false;
      const reason = error instanceof MessageFailure ? error.cause : error;
      const result = await recordFailure(context, failed, reason);
      results.set(failed, result);
      return result !== "unsettled" && settleNext(batch.slice(place + 1));
    }
    if (isDatabaseLost(error) || error instanceof FencedError) {
      context.log.warn({ consumer: context.definition.durable, err: error }, "batch failed; its messages come again");
      for (const received of batch) results.set(received, "unsettled");
      return false;
    }
    const middle = batch.length >> 1;
    return (await settleNext(batch.slice(0, middle))) && settleNext(batch.slice(middle));
  }
}

/** Returns whether the transaction could not be begun or its outcome is unknown: two halves of it would fail too. */
function isDatabaseLost(error: unknown): boolean {
  return isKontorError(error, "DATABASE_UNAVAILABLE") || isKontorError(error, "COMMIT_OUTCOME_UNKNOWN");
}

interface Item {
  readonly received: Received;
  readonly effect: Effect;
  readonly handler: EventHandler | undefined;
}

/** Runs a batch in one transaction. */
async function runTogether(
  context: DeliveryContext,
  batch: readonly Received[],
  ended: AbortSignal,
): Promise<Map<Received, Result>> {
  const items = batch.map((received) => prepareItem(context, received));
  return context.db.transaction(async (tx) => {
    const results = new Map<Received, Result>();
    const [, claims] = await pipelined([
      checkFence(tx, context.fence),
      claim(
        tx,
        items.map(({ received }) => received),
      ),
    ]);
    failpoint("consumer.after-claim", context.db.service);
    const mine: Item[] = [];
    for (const [place, item] of items.entries()) {
      if (claims[place] === "mine") mine.push(item);
      else if (claims[place] === "done") results.set(item.received, "duplicate");
      else results.set(item.received, await deferBehind(tx, item.received));
    }
    const left = new Set(mine);
    const until = performance.now() + TRANSACTION_MS;
    for (const step of stepsOf(mine)) {
      const enough = ended.aborted || performance.now() > until;
      if (enough && left.size < mine.length) break;
      await runStep(tx, step);
      for (const item of step) {
        left.delete(item);
        results.set(item.received, "processed");
      }
    }
    await unclaim(
      tx,
      [...left].map(({ received }) => received),
    );
    for (const { received } of left) results.set(received, "left");
    return results;
  });
}

/** Transactions that lock rows in the order of keys never wait in a circle. Messages of one key stay in order. */
function inKeyOrder(batch: readonly Received[]): Received[] {
  return batch.toSorted((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0));
}

function prepareItem(context: DeliveryContext, received: Received): Item {
  try {
    return { received, effect: prepare(context, received), handler: handlerOf(context, received) };
  } catch (error) {
    throw new MessageFailure(received, error);
  }
}

async function deferBehind(tx: Tx, received: Received): Promise<Result> {
  return (await defer(tx, received)) ? "deferred" : "duplicate";
}

const JOINED = Symbol("the items whose effects begin at the same time");

/**
 * Divides items into steps that run one after the other. A step is one item, all items of one handler of batches, or items of joined
 * handlers. Items of a key stay in order: one goes no earlier than the item of its key before it, and later unless one handler takes both
 * together.
 */
export function stepsOf<
  I extends { readonly received: Pick<Received, "key">; readonly handler: EventHandler | undefined },
>(items: readonly I[]): I[][] {
  const last = new Map<string, { readonly layer: number; readonly handler: EventHandler | undefined }>();
  const layers: Map<unknown, I[]>[] = [];
  for (const item of items) {
    const { handler } = item;
    const before = last.get(item.received.key);
    const joins = before !== undefined && before.handler === handler && handler?.together !== undefined;
    const layer = before === undefined ? 0 : joins ? before.layer : before.layer + 1;
    last.set(item.received.key, { layer, handler });
    layers[layer] ??= new Map();
    const step = handler?.together ? handler : handler?.joined ? JOINED : item;
    layers[layer].set(step, [...(layers[layer].get(step) ?? []), item]);
  }
  return layers.flatMap((layer) => [...layer.values()]);
}

async function runStep(tx: Tx, step: readonly Item[]): Promise<void> {
  const [first] = step;
  if (!first) return;
  const together = first.handler?.together;
  const events = step.map(({ received, effect }) => ({
    effect,
    context: { tx, ...about(received), time: received.time },
  }));
  if (together && step.length > 1) return inTrace(first.received, () => together(events));
  if (step.length > 1)
    return void (await pipelined(
      step.map(({ received, effect }) =>
        inTrace(received, () => effect({ tx, ...about(received), time: received.time })),
      ),
    ));
  try {
    for (const { effect, context } of events) await inTrace(first.received, () => effect(context));
  } catch (error) {
    throw new MessageFailure(first.received, error);
  }
}
