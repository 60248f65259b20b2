/** Runs up to `workers` pieces of work at once, in the order of arrival; `queue` more wait, others call `full`. */
export function createWorkQueue({ workers, queue }: { workers: number; queue: number }, full: () => Error) {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= workers) {
      if (waiting.length >= queue) throw full();
      // A finished job passes its slot to the next, so `running` does not change.
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
