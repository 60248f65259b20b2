const MOST_GAPS = 32;
const MOST_RESETS = 1_024;

/** Which ids of streams a client has used, to tell frames of streams that have ended from errors (RFC 9113, section 5.1). */
export class OpenedStreams {
  last = 0;
  /** Ids that were left out: from, to. The oldest are forgotten. */
  readonly #gaps: (readonly [number, number])[] = [];
  readonly #resets = new Set<number>();

  /** Opens the next stream. */
  open(id: number): void {
    if (id > this.last + 2) {
      this.#gaps.push([this.last + 1, id - 1]);
      if (this.#gaps.length > MOST_GAPS) this.#gaps.shift();
    }
    this.last = id;
  }

  /** Whether an id was left out: it must not be used any longer. */
  isSkipped(id: number): boolean {
    return this.#gaps.some(([from, to]) => id >= from && id <= to);
  }

  /** Notes that the server has reset a stream: frames that were under way may follow. */
  noteReset(id: number): void {
    this.#resets.add(id);
    if (this.#resets.size <= MOST_RESETS) return;
    for (const oldest of this.#resets) {
      this.#resets.delete(oldest);
      return;
    }
  }

  wasReset(id: number): boolean {
    return this.#resets.has(id);
  }
}
