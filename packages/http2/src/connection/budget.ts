/** Limits a rate: spent tokens return with time, up to the burst. */
export class Budget {
  readonly #burst: number;
  readonly #perMs: number;
  #left: number;
  #at = performance.now();

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perMs = perSecond / 1_000;
    this.#left = burst;
  }

  /** Gives tokens back, up to the burst. */
  refund(tokens: number): void {
    this.#left = Math.min(this.#burst, this.#left + tokens);
  }

  /** Spends a token and returns whether there was one. */
  spend(): boolean {
    if (--this.#left >= 0) return true;
    const now = performance.now();
    this.#left = Math.min(this.#burst, this.#left + (now - this.#at) * this.#perMs);
    this.#at = now;
    return this.#left >= 0;
  }
}
