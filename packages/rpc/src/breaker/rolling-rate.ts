/** How many calls of late there were, and how many of them failed. */
export interface RollingRate {
  /** Counts one call. */
  add(failed: boolean): void;
  /** Returns the counts of the last ten seconds. */
  read(): { readonly calls: number; readonly failures: number };
  /** Removes all calls. */
  clear(): void;
}

const SLOTS = 10;
const SLOT_MS = 1_000;

/** Counts over the last ten seconds. `now` is in milliseconds. */
export function createRollingRate(now: () => number): RollingRate {
  const calls = new Uint32Array(SLOTS);
  const failures = new Uint32Array(SLOTS);
  let current = Math.floor(now() / SLOT_MS);
  function turn(): number {
    const slot = Math.floor(now() / SLOT_MS);
    for (let old = Math.max(current + 1, slot - SLOTS + 1); old <= slot; old++) {
      calls[old % SLOTS] = 0;
      failures[old % SLOTS] = 0;
    }
    current = slot;
    return slot % SLOTS;
  }
  return {
    add(failed) {
      const slot = turn();
      calls[slot] = (calls[slot] ?? 0) + 1;
      if (failed) failures[slot] = (failures[slot] ?? 0) + 1;
    },
    read() {
      turn();
      const sum = (counts: Uint32Array) => counts.reduce((a, b) => a + b, 0);
      return { calls: sum(calls), failures: sum(failures) };
    },
    clear() {
      calls.fill(0);
      failures.fill(0);
    },
  };
}
