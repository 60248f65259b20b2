interface Entry<T> {
  readonly value: T;
  readonly bytes: number;
  readonly group: string;
}

/** Stores the most recently used values within a limit of bytes, and drops those of a group at once. */
export class GroupedLru<T> {
  readonly #capacity: number;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #groups = new Map<string, Set<string>>();
  #bytes = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Stores a value, unless it alone would take an eighth of the limit. */
  set(key: string, value: T, bytes: number, group: string): void {
    this.delete(key);
    if (bytes > this.#capacity / 8) return;
    this.#entries.set(key, { value, bytes, group });
    this.#bytes += bytes;
    const members = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, members.add(key));
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#capacity) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    const members = this.#groups.get(entry.group);
    members?.delete(key);
    if (members?.size === 0) this.#groups.delete(entry.group);
  }

  /** Drops a group. Returns the number of its values. */
  deleteGroup(group: string): number {
    const members = [...(this.#groups.get(group) ?? [])];
    for (const key of members) this.delete(key);
    return members.length;
  }
}
