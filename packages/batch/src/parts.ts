/** Runs groups of requests side by side: one at a time per key, and a limited number of keys at once, in order of arrival. */
export interface Parts<W> {
  /** Adds requests to the part of their key that runs next. */
  add(key: string, requests: readonly W[]): void;
}

/** Creates parts. `fly` runs one part of at most `maxSize` requests and never rejects. */
export function createParts<W>(
  { maxParts, maxSize }: { readonly maxParts: number; readonly maxSize: number },
  fly: (requests: readonly W[], key: string) => Promise<void>,
): Parts<W> {
  // A key leaves the map when its last request has flown. A Map iterates in order of insertion: keys take turns.
  const waiting = new Map<string, W[]>();
  const flying = new Set<string>();

  function start(): void {
    for (const [key, requests] of waiting) {
      if (flying.size >= maxParts) return;
      if (flying.has(key)) continue;
      waiting.delete(key);
      flying.add(key);
      const rest = requests.splice(maxSize);
      if (rest.length > 0) waiting.set(key, rest);
      void fly(requests, key).then(() => {
        flying.delete(key);
        start();
      });
    }
  }

  return {
    add(key, requests) {
      const queue = waiting.get(key);
      if (queue) queue.push(...requests);
      else waiting.set(key, [...requests]);
      start();
    },
  };
}
