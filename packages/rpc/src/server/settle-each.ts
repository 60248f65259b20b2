import { setTimeout as pause } from "node:timers/promises";
import { isKontorError, type KontorError } from "@kontor/errors";
import { detailsOf } from "../status.ts";

/** How one request of a batch ended; undefined while it is under way. */
export type Settled<A> = { readonly response: A } | { readonly error: KontorError } | undefined;

/** How long the others of a batch wait for one, in milliseconds. */
const PATIENCE_MS = 100;

/**
 * Handles the requests of a batch at the same time, and returns how each ended. Once one has ended, the others have 100 ms: a request that
 * waits longer, such as for a lock, delays no other, continues, and is undefined here. Throws what is not an expected failure.
 *
 * ```ts
 * const results = await settleEach([1, 2], async (n) => 2 * n); // [{ response: 2 }, { response: 4 }]
 * ```
 */
export async function settleEach<Q, A>(
  requests: readonly Q[],
  handle: (request: Q) => Promise<A>,
): Promise<readonly Settled<A>[]> {
  const settled: Settled<A>[] = requests.map(() => undefined);
  const all = requests.map(async (request, place) => {
    try {
      settled[place] = { response: await handle(request) };
    } catch (error) {
      if (!isKontorError(error)) throw error;
      settled[place] = { error };
    }
  });
  const ended = Promise.all(all);
  const over = new AbortController();
  const late = Promise.race(all).then(() => pause(PATIENCE_MS, undefined, { signal: over.signal }).catch(() => {}));
  try {
    await Promise.race([ended, late]);
  } finally {
    over.abort();
    ended.catch(() => {}); // What is still under way has no caller any more.
    late.catch(() => {});
  }
  return settled.slice();
}

/** Returns an error as a `google.rpc.Status` of a response. */
export function statusMessage(error: KontorError) {
  const { code, details } = detailsOf(error);
  return { code, message: error.message, details: [...details] };
}
