import { isAborted } from "./errors.ts";

/**
 * Awaits statements of one transaction that were sent together, so that they share one flight to the server, which runs
 * them in the order they were sent. Fails with the first error that is not the mere consequence of another, once all have
 * been answered: nothing is left running.
 *
 * ```ts
 * await pipelined([events.append(tx, …), outbox.append(tx, …)]);
 * ```
 */
export async function pipelined<const T extends readonly unknown[]>(
  statements: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(statements);
  const failed = settled.filter((result) => result.status === "rejected");
  const [first] = failed;
  if (first !== undefined) throw (failed.find(({ reason }) => !isAborted(reason)) ?? first).reason;
  return Promise.all(statements);
}
