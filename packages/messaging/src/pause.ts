import { setTimeout as delay } from "node:timers/promises";

/** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}

/** Between half of it and all of it, so that replicas do not act in step. */
export function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}
