import { unusual } from "./rooms.ts";

const [ZERO, NINE] = [48, 57];

/** Objects of JavaScript have each key once, and those that are indices first, in their order. So does the library. */
export class KeyOrder {
  #first: string | undefined;
  #names: Set<string> | undefined;
  #lastIndex = -1;

  /** Adds a key. @throws unusual when an object would have it elsewhere, or twice */
  add(key: string): void {
    if (isIndex(key)) {
      const index = Number(key);
      if (this.#first !== undefined || index <= this.#lastIndex) throw unusual;
      this.#lastIndex = index;
    } else if (this.#first === undefined) this.#first = key;
    else {
      this.#names ??= new Set([this.#first]);
      if (this.#names.has(key)) throw unusual;
      this.#names.add(key);
    }
  }
}

/** Returns whether a key may be an index. Some that are too large for one are taken for it, which only costs time. */
function isIndex(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= ZERO && first <= NINE && /^(?:0|[1-9]\d{0,9})$/.test(key);
}
