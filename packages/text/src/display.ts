/** Line and paragraph separators, and all controls: each becomes a blank. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
/**
 * Characters without a shape: bidi controls, format characters, and others that fonts ignore. Joiners and variation selectors remain:
 * Persian, Indic scripts and emoji need them. So do the visible signs of Arabic that Unicode counts as format.
 */
const INVISIBLE =
  /(?![\p{Join_Control}\p{Variation_Selector}\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2])[\p{Cf}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/gu;
/** The blocks that Unicode reserves for scripts from right to left (UAX #9, default bidi classes R and AL). */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** U+2068, first strong isolate, and U+2069, which ends it. */
export const ISOLATE = { start: "\u2068", end: "\u2069" } as const;

/**
 * Returns the text as one line that cannot change the text around it: without control, bidi and invisible characters, with
 * single blanks. Empty if nothing visible is left.
 *
 * ```ts
 * printable("a\u0000\n b"); // "a b"
 * ```
 */
export function printable(text: string): string {
  const line = text.toWellFormed().replace(BREAKS, " ").replace(INVISIBLE, "").replace(/\s+/g, " ").trim();
  return /[^\s\p{Join_Control}\p{Variation_Selector}]/u.test(line) ? line : "";
}

/**
 * Returns the printable text, in a bidi isolate (UAX #9) if it has letters from right to left. Numbers and punctuation
 * around it then keep their order. Texts that only run from left to right get no isolate.
 */
export function isolated(text: string): string {
  const line = printable(text);
  return RIGHT_TO_LEFT.test(line) ? `${ISOLATE.start}${line}${ISOLATE.end}` : line;
}
