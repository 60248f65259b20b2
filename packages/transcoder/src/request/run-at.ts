/** The longest that a timer of Node.js waits; longer ones fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Runs work at a time in milliseconds since the epoch, at once if it has passed. Disposed of before, it does not run. */
export function runAt(at: number, work: () => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    const ms = at - Date.now();
    if (ms <= 0) work();
    else timer = setTimeout(wait, Math.min(ms, LONGEST_TIMER_MS));
  };
  wait();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
