/** Returns a random time up to `leastMs` doubled for each attempt, at most `mostMs` (full jitter). */
export function backoff(attempt: number, leastMs: number, mostMs: number): number {
  return Math.random() * Math.min(mostMs, leastMs * 2 ** attempt);
}

/** Resolves after a time. Throws the reason of the signal once it aborts. */
export function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
