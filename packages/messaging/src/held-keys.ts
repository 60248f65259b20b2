/** Keys whose events are held back, because the stream refuses the first of them. */
export interface HeldKeys {
  /** Holds a key back for some time. */
  hold(key: string): void;
  /** Returns the keys that are held back now. */
  current(): string[];
}

/** Creates the keys that are held back, none at first. Each is tried again after `ms`. */
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
