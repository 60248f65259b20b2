import { type Context, currentContext } from "@kontor/telemetry";
import { batchErrors } from "./batch-errors.ts";

/** Until when a request is worth running. */
export interface RequestOptions {
  /** Drops the request if it aborts before the flight; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Drops the request if it passes before the flight. */
  readonly deadline?: Date;
}

/** A request that waits or is in a flight. */
export interface Waiting<Q, A> {
  readonly request: Q;
  readonly promise: Promise<A>;
  /** The trace of its caller. */
  readonly trace: Context;
  /** How many times it was blocked. */
  timesBlocked: number;
  /** Whether its caller still waits. A request that does not is settled by this call. */
  isWanted(): boolean;
  resolve(result: A): void;
  reject(error: unknown): void;
}

/** Creates a request that waits. `onSettled` is called once. */
export function createWaiting<Q, A>(
  batch: string,
  request: Q,
  { signal, deadline }: RequestOptions,
  onSettled: () => void,
): Waiting<Q, A> {
  const { promise, resolve, reject } = Promise.withResolvers<A>();
  let settled = false;
  const settle = (how: () => void) => {
    if (settled) return;
    settled = true;
    signal?.removeEventListener("abort", onAbort);
    onSettled();
    how();
  };
  const onAbort = () => settle(() => reject(signal?.reason));
  signal?.addEventListener("abort", onAbort);
  return {
    request,
    promise,
    trace: currentContext(),
    timesBlocked: 0,
    isWanted() {
      if (signal?.aborted) onAbort();
      if (deadline !== undefined && deadline.getTime() <= Date.now())
        settle(() => reject(batchErrors.DEADLINE_EXCEEDED({ batch })));
      return !settled;
    },
    resolve: (result) => settle(() => resolve(result)),
    reject: (error) => settle(() => reject(error)),
  };
}
