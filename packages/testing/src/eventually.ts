import { setTimeout as delay } from "node:timers/promises";

/**
 * Repeats `attempt` until it does not throw, and resolves to its result. After `timeoutMs` (default: 10 s) the last failure is thrown
 * unchanged, so that a test shows the failed assertion.
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
