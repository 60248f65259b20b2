/**
 * Returns the length of a text in code points.
 *
 * ```ts
 * lengthOf("👍"); // 1
 * ```
 */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}
