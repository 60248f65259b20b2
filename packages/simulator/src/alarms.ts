/** Timers by name. Setting a name again replaces its timer. */
export interface Alarms {
  /** Calls `ring` at the time, or at once if it has passed. */
  set(name: string, at: Date, ring: () => void): void;
  /** Removes a timer. Does nothing if there is none. */
  cancel(name: string): void;
  /** Removes all timers. */
  cancelAll(): void;
}

/** Creates timers that ring at a wall-clock time, or at once if it has passed. */
export function createAlarms(): Alarms {
  const timers = new Map<string, NodeJS.Timeout>();

  function cancel(name: string): void {
    clearTimeout(timers.get(name));
    timers.delete(name);
  }

  return {
    set(name, at, ring) {
      cancel(name);
      const fire = () => {
        timers.delete(name);
        ring();
      };
      timers.set(name, setTimeout(fire, Math.max(0, at.getTime() - Date.now())));
    },
    cancel,
    cancelAll() {
      for (const name of [...timers.keys()]) cancel(name);
    },
  };
}
