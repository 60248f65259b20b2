/** Notifies the attempts of a process that it abandons them. */
export interface GiveUp {
  isGivenUp(): boolean;
  /** Calls `listener` when the process abandons its attempts. Returns the function that unsubscribes, in constant time. */
  listen(listener: () => void): () => void;
}

/** Creates a {@link GiveUp}, and the function that triggers it. */
export function createGiveUp(): GiveUp & { giveUp(): void } {
  const listeners = new Set<() => void>();
  let isGivenUp = false;
  return {
    isGivenUp: () => isGivenUp,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    giveUp() {
      isGivenUp = true;
      for (const listener of [...listeners]) listener();
    },
  };
}
