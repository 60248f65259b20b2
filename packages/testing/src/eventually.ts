import { setTimeout as delay } from "node:timers/promises";

/**
 * Repeats `attempt` until it stops throwing and answers with what it returned.
 * After `timeoutMs` (default 10 s) the last failure is thrown as it was, so that a test shows the assertion that never held.
 *
 * ```ts
 * import { readFile } from "node:fs/promises";
 * await eventually(async () => {
 *   const log = await readFile("/tmp/orders.log", "utf8");
 *   if (!log.includes("order placed")) throw new Error("No order was placed.");
 * });
 * ```
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 25 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await delay(intervalMs);
  }
}
