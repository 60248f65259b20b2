/** Runs work one at a time within a key, in the order given, and several keys at once. */
export interface KeyQueues {
  /** Work must not reject. */
  add(key: string, work: () => Promise<void>): void;
  /** Resolves when nothing runs or waits. */
  idle(): Promise<void>;
}

/** Creates queues of which at most `concurrency` run at a time. */
export function createKeyQueues(concurrency: number): KeyQueues {
  const queues = new Map<string, (() => Promise<void>)[]>();
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
    await queues.get(key)?.[0]?.();
    running -= 1;
    const queue = queues.get(key);
    queue?.shift();
    if (queue?.length) ready.push(key);
    else queues.delete(key);
    advance();
  };
  return {
    add: (key, work) => {
      if (running === 0) idle = Promise.withResolvers();
      const queue = queues.get(key);
      if (queue) queue.push(work);
      else {
        queues.set(key, [work]);
        ready.push(key);
      }
      advance();
    },
    idle: () => idle.promise,
  };
}
