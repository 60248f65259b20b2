/** How the requests of one call of `run` are run. */
export interface Flight {
  /**
   * The key that all requests of a part have in common. The part may wait for it, for a bounded time. Undefined for a shared
   * flight, which must not wait for the key of one request.
   */
  readonly waitFor: string | undefined;
  /** Whether a single request, blocked by several keys in turn, has to wait for all that it needs, or to fail. */
  readonly alone: boolean;
}

/** Marks the result of a request that would have had to wait for a key, and that had no effect. */
export class Blocked {
  readonly key: string;

  constructor(key: string) {
    this.key = key;
  }
}

/** Returns the result of a request that had no effect because `key` is blocked. Its batch runs it again, in a part of that key. */
export function blocked(key: string): Blocked {
  return new Blocked(key);
}
