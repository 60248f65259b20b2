/** Shortest time between two alarms, in milliseconds: sagas that are due meanwhile are claimed together. */
const SHORTEST_MS = 10;
/** Longest time that a timer of Node takes, in milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls a function at the earliest of the times that it was set to. */
export interface Alarm {
  /** Fires within this many milliseconds. An earlier time that is set remains. */
  setAtMost(ms: number): void;
  /** Clears the time. */
  clear(): void;
}

/** Creates an alarm that is not set. It keeps no process alive. */
export function createAlarm(ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let at = Number.POSITIVE_INFINITY;

  function clear(): void {
    clearTimeout(timer);
    at = Number.POSITIVE_INFINITY;
  }

  return {
    setAtMost(ms) {
      const wait = Math.min(Math.max(Math.ceil(ms), SHORTEST_MS), LONGEST_MS);
      const time = performance.now() + wait;
      if (time >= at) return;
      clear();
      at = time;
      timer = setTimeout(() => {
        clear();
        ring();
      }, wait).unref();
    },
    clear,
  };
}
