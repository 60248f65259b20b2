import { readFileSync } from "node:fs";

const EVERY_MS = 2_000;

/** A file that others replace while this process runs. */
export interface RereadFile<T> {
  /** Returns the parsed content, at most 2 s old. A file that cannot be read or parsed any more keeps its last value. */
  current(): T;
  /** Makes the next {@link current} read the file. */
  expire(): void;
}

/** Reads a file now, and again from time to time when it is used. @throws Error when it cannot be read or parsed now */
export function rereadFile<T>(path: string, parse: (text: string) => T, now: () => number): RereadFile<T> {
  const read = () => parse(readFileSync(path, "utf8"));
  let value = read();
  let readAt = now();
  return {
    current() {
      if (now() - readAt < EVERY_MS) return value;
      readAt = now();
      try {
        value = read();
      } catch {
        // The file is being replaced, or was removed: its last content is used until it expires.
      }
      return value;
    },
    expire() {
      readAt = Number.NEGATIVE_INFINITY;
    },
  };
}
