import { type Channel, createChannel } from "./channel.ts";
import { createRetryBudget, type RetryBudget } from "./retry-budget.ts";

/** One callee: its channel and what retries it may still cost. */
export interface Target {
  readonly channel: Channel;
  readonly budget: RetryBudget;
  /** Closes the channel after its last user. */
  release(): void;
}

const targets = new Map<string, { channel: Channel; budget: RetryBudget; users: number }>();

/** The callee at an address. All clients of a process share its channel. */
export function acquireTarget(address: string): Target {
  const shared = targets.get(address) ?? { channel: createChannel(address), budget: createRetryBudget(), users: 0 };
  targets.set(address, shared);
  shared.users++;
  let released = false;
  return {
    channel: shared.channel,
    budget: shared.budget,
    release() {
      if (released) return;
      released = true;
      if (--shared.users > 0) return;
      targets.delete(address);
      shared.channel.close();
    },
  };
}

/**
 * Connects to all callees that this process has clients of. @throws Error when that takes longer
 *
 * ```ts
 * await connectTargets(5_000).catch((error: unknown) => console.error("callees unreachable", error));
 * ```
 */
export async function connectTargets(withinMs: number): Promise<void> {
  await Promise.all([...targets.keys()].map((address) => connectTarget(address, withinMs)));
}

/** Connects to the callee at an address, if this process has clients of it. @throws Error when that takes longer */
export async function connectTarget(address: string, withinMs: number): Promise<void> {
  await targets.get(address)?.channel.connected(withinMs);
}
