/** Runs at most `workers` pieces of work at once, in the order they came; `queue` more wait, others meet `full`. */
export function createWorkQueue({ workers, queue }: { workers: number; queue: number }, full: () => Error) {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= workers) {
      if (waiting.length >= queue) throw full();
      // A finished job hands its place to the next, so `running` stays the same.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
