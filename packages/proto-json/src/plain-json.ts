import { isAscii } from "node:buffer";

/** How deep arrays and objects may nest, and how many values there may be. */
interface Bounds {
  readonly maxDepth: number;
  readonly maxValues: number;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const [PLUS, DOT, ZERO, NINE] = [0x2b, 0x2e, 0x30, 0x39];
const [UPPER_E, LOWER_E, LOWER_U] = [0x45, 0x65, 0x75];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const LONGEST_INTEGER = 15;

/**
 * Parses JSON text by `JSON.parse`, if one look at it shows that nothing is lost by that: no number but short integers, no
 * escape by code, no key twice, nothing beyond the limits. Undefined for all other text, right or wrong.
 *
 * Keys are counted: a key that occurs twice is one colon more than the objects have keys.
 */
export function parsePlainJson(bytes: Uint8Array, limits: Bounds): unknown {
  const colons = countColons(bytes, limits);
  if (colons === undefined) return undefined;
  const { buffer, byteOffset, byteLength } = bytes;
  try {
    const text = isAscii(bytes) ? Buffer.from(buffer, byteOffset, byteLength).toString("latin1") : utf8.decode(bytes);
    const json: unknown = JSON.parse(text);
    return keysIn(json) === colons ? json : undefined;
  } catch {
    return undefined; // The caller determines the fault and its place.
  }
}

/** Counts the colons outside of strings. Returns undefined for anything that is not plain. */
function countColons(bytes: Uint8Array, { maxDepth, maxValues }: Bounds): number | undefined {
  let colons = 0;
  let values = 1;
  let depth = 0;
  let digits = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte >= ZERO && byte <= NINE) {
      if (++digits > LONGEST_INTEGER) return undefined;
      continue;
    }
    if (byte === DOT || byte === PLUS || byte === UPPER_E || (byte === LOWER_E && digits > 0)) return undefined;
    digits = 0;
    if (byte === QUOTE) {
      at = endOfString(bytes, at + 1);
      if (at === 0) return undefined;
    } else if (byte === COLON) colons++;
    else if (byte === COMMA) values++;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      values++;
      if (++depth > maxDepth) return undefined;
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--;
  }
  return values > maxValues ? undefined : colons;
}

/** Returns the end of the string that begins here; 0 for a string that is not plain. */
function endOfString(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH && bytes[++at] === LOWER_U) return 0;
  }
  return 0;
}

function keysIn(json: unknown): number {
  if (typeof json !== "object" || json === null) return 0;
  let count = 0;
  if (Array.isArray(json)) for (const item of json) count += keysIn(item);
  else {
    for (const key of Object.keys(json)) count += 1 + keysIn((json as Record<string, unknown>)[key]);
  }
  return count;
}
