/** Keys whose events are suspended, because the stream refuses the first of them. */
export interface HeldKeys {
  /** Suspends a key for some time. */
  hold(key: string): void;
  /** Returns the suspended keys. */
  current(): string[];
}

/** Creates the set of suspended keys, empty at first. Each is tried again after `ms`. */
export function createHeldKeys(ms: number): HeldKeys {
  const until = new Map<string, number>();
  return {
    hold(key) {
      until.set(key, performance.now() + ms);
    },
    current() {
      for (const [key, end] of until) if (end <= performance.now()) until.delete(key);
      return [...until.keys()];
    },
  };
}
