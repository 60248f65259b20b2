/** Source text of one generated function, with the values that it refers to. */
export class Source {
  readonly #names: string[] = [];
  readonly #values: unknown[] = [];

  /** Returns the name of a value within the source. */
  refer(value: unknown): string {
    const known = this.#values.indexOf(value);
    if (known !== -1) return `c${known}`;
    this.#names.push(`c${this.#values.length}`);
    this.#values.push(value);
    return `c${this.#values.length - 1}`;
  }

  /**
   * Compiles the source, which returns a function. Names of contracts get into it as numbers of their bytes only. Returns undefined in a
   * process that allows no code from strings (`--disallow-code-generation-from-strings`).
   */
  compile<F>(text: string): F | undefined {
    try {
      return new Function(...this.#names, `"use strict";${text}`)(...this.#values) as F;
    } catch (error) {
      if (error instanceof EvalError) return undefined;
      throw error;
    }
  }
}

/** Returns statements that write ASCII text to `V`, the view of the output, at `p`, four bytes at a time. */
export function textSource(text: string): string {
  const bytes = Buffer.from(text, "latin1");
  const statements: string[] = [];
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) statements.push(`V.setInt32(p+${at},${bytes.readInt32LE(at)},true);`);
  if (at + 2 <= bytes.length) {
    statements.push(`V.setInt16(p+${at},${bytes.readInt16LE(at)},true);`);
    at += 2;
  }
  if (at < bytes.length) statements.push(`O[p+${at}]=${bytes[at]};`);
  return `${statements.join("")}p+=${bytes.length};`;
}
