/** Runs work one at a time within a key, in the order given, and several keys at once. */
export interface Lanes {
  /** Work must not reject. */
  add(key: string, work: () => Promise<void>): void;
  /** Resolves when nothing runs or waits. */
  idle(): Promise<void>;
}

/** Makes lanes of which at most `concurrency` move at a time. */
export function createLanes(concurrency: number): Lanes {
  const lanes = new Map<string, (() => Promise<void>)[]>();
  const ready: string[] = [];
  let running = 0;
  let idle = Promise.withResolvers<void>();
  idle.resolve();

  const advance = () => {
    while (running < concurrency) {
      const key = ready.shift();
      if (key === undefined) break;
      running += 1;
      void step(key);
    }
    if (running === 0) idle.resolve();
  };
  const step = async (key: string) => {
    await lanes.get(key)?.[0]?.();
    running -= 1;
    const lane = lanes.get(key);
    lane?.shift();
    if (lane?.length) ready.push(key);
    else lanes.delete(key);
    advance();
  };
  return {
    add: (key, work) => {
      if (running === 0) idle = Promise.withResolvers();
      const lane = lanes.get(key);
      if (lane) lane.push(work);
      else {
        lanes.set(key, [work]);
        ready.push(key);
      }
      advance();
    },
    idle: () => idle.promise,
  };
}
