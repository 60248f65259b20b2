const MOST_GAPS = 32;
const MOST_RESETS = 1_024;

/** The stream ids that a client has used. They distinguish frames of ended streams from errors (RFC 9113, section 5.1). */
export class OpenedStreams {
  last = 0;
  /** Unused ids: from, to. The oldest are dropped. */
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

  /** Records that the server has reset a stream: frames that the client had sent before may follow. */
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
