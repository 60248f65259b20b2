/** Runs work on one row at a time per process. Work on other rows runs concurrently. */
export interface RowQueue {
  /**
   * Runs `work` once all earlier work on `row` has ended, whether it succeeded or not. Rejects with the reason of `signal` if
   * that aborts
   * before `work` begins.
   */
  run<T>(row: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/**
 * Creates a queue for calls that lock the same row. They would run one after the other in the database too, but each would occupy a
 * connection meanwhile: a few calls for one locked row would take all connections from the calls for other rows.
 *
 * ```ts
 * const queue = createRowQueue();
 * const cancel = (orderId: string) => queue.run(orderId, async () => "cancelled"); // One call per order at a time.
 * ```
 */
export function createRowQueue(): RowQueue {
  const last = new Map<string, Promise<unknown>>();
  return {
    async run(row, work, signal) {
      const before = last.get(row);
      const ended = (async () => {
        await before?.catch(() => undefined);
        signal?.throwIfAborted();
        return work();
      })();
      last.set(row, ended);
      try {
        return await ended;
      } finally {
        if (last.get(row) === ended) last.delete(row);
      }
    },
  };
}
