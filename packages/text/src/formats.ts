/** The longest language tag by RFC 5646, section 4.4.1. */
const LONGEST_LANGUAGE = 35;
const LONGEST_ADDRESS = 2_000;
// The characters of an sf-string (RFC 8941), which the Idempotency-Key draft uses. HTTP drops spaces at the ends.
const KEY = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/**
 * Returns the canonical form of a BCP 47 language tag, or undefined if it is none. White space around it is ignored.
 *
 * ```ts
 * canonicalLanguage("DE-at"); // "de-AT"
 * ```
 */
export function canonicalLanguage(tag: string): string | undefined {
  const trimmed = tag.trim();
  if (trimmed === "" || trimmed.length > LONGEST_LANGUAGE) return undefined;
  try {
    return Intl.getCanonicalLocales(trimmed)[0];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * Returns whether the text is an http or https address of at most 2,000 characters.
 *
 * ```ts
 * isWebAddress("https://shop.example/mug.jpg"); // true
 * ```
 */
export function isWebAddress(text: string): boolean {
  return text.length <= LONGEST_ADDRESS && /^https?:\/\/[^\s\0]+$/.test(text) && URL.canParse(text);
}

/** Returns whether the text is 1 to 255 printable ASCII characters without a space at either end. */
export function isIdempotencyKey(text: string): boolean {
  return KEY.test(text);
}
