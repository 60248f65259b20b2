import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, currentContext, runInContext } from "@kontor/telemetry";

/** Runs a request in a transaction, together with the requests that others make in it. */
export type Join<T extends object, Q, A> = (tx: T, request: Q) => Promise<A>;

interface Joined<Q, A> {
  readonly requests: Q[];
  readonly trace: Context;
  readonly promise: Promise<readonly A[]>;
}

/**
 * Creates a join: requests that are made in the same transaction at the same time, by the works that share it, become one call of
 * `run`. "At the same time" ends once no continuation is left to run, so a request never waits for others to arrive.
 *
 * `run` returns the results in the order of the requests. It runs outside of the context of any caller, but in the trace of the first
 * request. When it rejects, all its requests reject with the same error, and the transaction must be rolled back.
 *
 * ```ts
 * declare const tx: { query(text: string, values: readonly unknown[]): Promise<{ n: number }[]> };
 * const double = createJoin(async (sql: typeof tx, numbers: readonly number[]) => {
 *   const rows = await sql.query("SELECT 2 * n AS n FROM unnest($1::int[]) n", [numbers]); // One statement for all.
 *   return rows.map(({ n }) => n);
 * });
 * await Promise.all([double(tx, 1), double(tx, 2)]); // [2, 4]
 * ```
 */
export function createJoin<T extends object, Q, A>(
  run: (tx: T, requests: readonly Q[]) => Promise<readonly A[]>,
): Join<T, Q, A> {
  const outsideCalls = AsyncLocalStorage.snapshot();
  const open = new WeakMap<T, Joined<Q, A>>();

  function begin(tx: T): Joined<Q, A> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly A[]>();
    const joined: Joined<Q, A> = { requests: [], trace: currentContext(), promise };
    open.set(tx, joined);
    afterContinuations(() => {
      open.delete(tx);
      outsideCalls(runInContext, joined.trace, () => run(tx, joined.requests)).then(resolve, reject);
    });
    return joined;
  }

  return async (tx, request) => {
    const joined = open.get(tx) ?? begin(tx);
    const index = joined.requests.push(request) - 1;
    return (await joined.promise)[index] as A;
  };
}

/** Calls `work` when the queue of promises is empty: a tick that is queued by a promise runs after all of them. */
function afterContinuations(work: () => void): void {
  void Promise.resolve().then(() => process.nextTick(work));
}
