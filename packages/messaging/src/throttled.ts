/** Returns a function that calls `work` at once, and then once for all its calls of the next `gapMs`. */
export function throttled(gapMs: number, work: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let again = false;
  function run(): void {
    work();
    timer = setTimeout(() => {
      timer = undefined;
      if (!again) return;
      again = false;
      run();
    }, gapMs);
    timer.unref();
  }
  return () => {
    if (timer === undefined) run();
    else again = true;
  };
}
