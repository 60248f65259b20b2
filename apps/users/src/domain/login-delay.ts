const FIRST_MS = 1_000;

/**
 * Returns the delays in milliseconds after 1, 2, 3 … failures in a row: none for the first `free` ones, then 1 s, doubled with each
 * failure up to `longestMs`, which is the last entry.
 */
export function loginDelays(free: number, longestMs: number): readonly number[] {
  const delays = Array<number>(free).fill(0);
  for (let delay = FIRST_MS; delay < longestMs; delay *= 2) delays.push(delay);
  return [...delays, longestMs];
}
