/**
 * Awaits statements of one transaction that were sent together, so that they share one flight to the server, which runs
 * them in the order they were sent. Fails with the first error, once all have been answered: nothing is left running.
 *
 * ```ts
 * await pipelined([events.append(tx, …), outbox.append(tx, …)]);
 * ```
 */
export async function pipelined<const T extends readonly unknown[]>(
  statements: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(statements);
  const failed = settled.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return Promise.all(statements);
}
