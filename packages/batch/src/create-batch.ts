import { AsyncLocalStorage } from "node:async_hooks";
import { isKontorError } from "@kontor/errors";
import { counter, runInContext } from "@kontor/telemetry";
import { batchErrors } from "./batch-errors.ts";
import { Blocked, type Flight } from "./flight.ts";
import { createParts } from "./parts.ts";
import { createWaiting, type RequestOptions, type Waiting } from "./waiting.ts";

/** Runs one request together with others. Rejects with the error of its flight, or if it was dropped before. */
export type Batch<Q, A> = (request: Q, options?: RequestOptions) => Promise<A>;

/** The options of a batch. */
export interface BatchOptions<Q, A> {
  /** Names the batch in errors and metrics. */
  readonly name: string;
  /**
   * Runs requests, all or nothing, and returns their results in order. Returns `blocked(key)` for a request that has to wait
   * for a key other than `waitFor` and had no effect, unless it flies alone. Runs outside of the context of any caller, but in the
   * trace of the first request.
   */
  readonly run: (requests: readonly Q[], flight: Flight) => Promise<readonly (A | Blocked)[]>;
  /**
   * Returns the key by which the requests of a failed flight are split into parts. Default: a failed flight is halved until the
   * request that fails is alone, which takes at most 2 log₂ n more flights.
   */
  readonly keyOf?: (request: Q) => string;
  /**
   * Returns whether the requests of a failed flight may fare better in smaller ones. Default: unless the code is UNAVAILABLE, because
   * the flight may have had its effect.
   */
  readonly splits?: (error: unknown) => boolean;
  /** Largest number of requests in one flight. Default: 64. */
  readonly maxSize?: number;
  /** Largest number of shared flights side by side. Default: 1. */
  readonly maxFlights?: number;
  /** Largest number of requests that are not settled. Default: 1024. */
  readonly maxWaiting?: number;
  /** Largest number of parts side by side, next to the shared flight. Default: 3. */
  readonly maxParts?: number;
}

const RETRY_AFTER_MS = 1_000;
/** A request that is blocked more often, by one key after another, flies alone. */
const MAX_TIMES_BLOCKED = 3;
const flights = counter("kontor_batch_flights_total", "Flights of batches.", ["batch", "kind", "outcome"]);

/**
 * Creates a batch: requests of one turn of the event loop share a flight, and those that arrive during the flights share the next one.
 * Blocked requests run in parts by key, concurrently, while the other requests continue.
 *
 * ```ts
 * const double = createBatch<number, number>({
 *   name: "doubles",
 *   run: async (numbers) => numbers.map((n) => 2 * n), // One call for all requests that wait.
 *   keyOf: String,
 * });
 * await Promise.all([double(1), double(2)]); // [2, 4]
 * ```
 *
 * @throws KontorError QUEUE_FULL or DEADLINE_EXCEEDED for a request that never ran; else what `run` throws.
 */
export function createBatch<Q, A>(options: BatchOptions<Q, A>): Batch<Q, A> {
  const { name, run, keyOf, splits = isOutcomeKnown } = options;
  const { maxSize = 64, maxFlights = 1, maxWaiting = 1024, maxParts = 3 } = options;
  const outsideCalls = AsyncLocalStorage.snapshot();
  const queue = new Set<Waiting<Q, A>>();
  const parts = createParts<Waiting<Q, A>>({ maxParts, maxSize }, fly);
  let waiting = 0;
  let flying = 0;
  let scheduled = false;

  /** Starts at the end of this turn of the event loop, so that requests woken by one response or commit share a flight. */
  function schedule(): void {
    if (scheduled || flying === maxFlights || queue.size === 0) return;
    scheduled = true;
    outsideCalls(setImmediate, takeOff);
  }

  function takeOff(): void {
    scheduled = false;
    flying++;
    void fly(takeWanted()).then(() => {
      flying--;
      schedule();
    });
    schedule();
  }

  function takeWanted(): Waiting<Q, A>[] {
    const taken: Waiting<Q, A>[] = [];
    for (const one of queue) {
      if (taken.length === maxSize) break;
      queue.delete(one);
      if (one.isWanted()) taken.push(one);
    }
    return taken;
  }

  async function fly(group: readonly Waiting<Q, A>[], waitFor?: string, alone = false): Promise<void> {
    const wanted = group.filter((one) => one.isWanted());
    const [first] = wanted;
    if (first === undefined) return;
    const kind = waitFor === undefined ? "shared" : "part";
    try {
      const requests = wanted.map(({ request }) => request);
      const results = await runInContext(first.trace, () => run(requests, { waitFor, alone }));
      flights.inc({ batch: name, kind, outcome: "done" });
      await settle(wanted, results);
    } catch (error) {
      flights.inc({ batch: name, kind, outcome: "failed" });
      if (wanted.length === 1 || !splits(error)) rejectAll(wanted, error);
      else if (waitFor !== undefined) await flyAlone(wanted, waitFor);
      else if (keyOf === undefined) await flyHalves(wanted);
      else for (const [key, ones] of Map.groupBy(wanted, ({ request }) => keyOf(request))) parts.add(key, ones);
    }
  }

  async function flyHalves(group: readonly Waiting<Q, A>[]): Promise<void> {
    const middle = Math.ceil(group.length / 2);
    await fly(group.slice(0, middle));
    await fly(group.slice(middle));
  }

  /** Runs the requests of a failed part one by one, until one fails for a reason that is not its own. */
  async function flyAlone(group: readonly Waiting<Q, A>[], waitFor: string): Promise<void> {
    for (const [index, one] of group.entries()) {
      await fly([one], waitFor);
      const reason = await one.promise.then(noError, (error: unknown) => ({ error }));
      if (reason && !splits(reason.error)) return rejectAll(group.slice(index + 1), reason.error);
    }
  }

  async function settle(group: readonly Waiting<Q, A>[], results: readonly (A | Blocked)[]): Promise<void> {
    if (results.length !== group.length)
      rejectAll(group, new Error(`Batch "${name}": ${group.length} requests got ${results.length} results.`));
    for (const [index, one] of group.entries()) {
      const result = results[index] as A | Blocked;
      if (!(result instanceof Blocked)) one.resolve(result);
      else if (one.timesBlocked++ < MAX_TIMES_BLOCKED) parts.add(result.key, [one]);
      else if (one.timesBlocked === MAX_TIMES_BLOCKED + 1) await fly([one], result.key, true);
      else
        one.reject(
          new Error(`Batch "${name}": a request that flies alone waits or fails; it does not return blocked(key).`),
        );
    }
  }

  return (request, requestOptions = {}) => {
    if (waiting >= maxWaiting)
      return Promise.reject(batchErrors.QUEUE_FULL({ batch: name, waiting }, { retryAfterMs: RETRY_AFTER_MS }));
    waiting++;
    const one = createWaiting<Q, A>(name, request, requestOptions, () => {
      waiting--;
      queue.delete(one);
    });
    if (one.isWanted()) {
      queue.add(one);
      schedule();
    }
    return one.promise;
  };
}

const noError = () => undefined;
const isOutcomeKnown = (error: unknown) => !(isKontorError(error) && error.code === "UNAVAILABLE");

function rejectAll<Q, A>(group: readonly Waiting<Q, A>[], error: unknown): void {
  for (const one of group) one.reject(error);
}
