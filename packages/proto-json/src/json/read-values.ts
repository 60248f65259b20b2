import { input, output, unusual } from "../wire/rooms.ts";
import { utf8Length } from "../wire/write-text.ts";

const [QUOTE, BACKSLASH, SPACE, ZERO, NINE, MINUS] = [34, 92, 32, 48, 57, 45];
const [DOT, UPPER_E, LOWER_E] = [46, 69, 101];
/** Integers with more digits may not be exact as doubles. */
const MOST_DIGITS = 15;

/** The meaning of a backslash and a letter; the library reads escapes by code. */
const escapes = new Map([...'"\\/bfnrt'].map((char) => [char.charCodeAt(0), JSON.parse(`"\\${char}"`).charCodeAt(0)]));

/** Returns the place of the next byte that is no white space. */
export function skipSpace(from: number): number {
  const { bytes } = input;
  let at = from;
  for (let byte = bytes[at]; byte === SPACE || byte === 10 || byte === 13 || byte === 9; byte = bytes[at]) at++;
  return at;
}

/**
 * Writes the string at a place as UTF-8 after its length. Stores the position after it in {@link input}. Returns the end of the text. The
 * byte after the input is 0, so that a string without an end is no string.
 *
 * @throws unusual
 */
export function readString(from: number, to: number): number {
  const { bytes, view } = input;
  const { bytes: target, view: targetView } = output;
  if (bytes[from] !== QUOTE) throw unusual;
  let i = from + 1;
  let at = to + 1;
  output.isAscii = true;
  for (;;) {
    for (; ; i += 4, at += 4) {
      const x = view.getInt32(i, true);
      const quote = x ^ 0x22222222;
      const backslash = x ^ 0x5c5c5c5c;
      const odd = x | (x - 0x20202020) | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash);
      if ((odd & 0x80808080) !== 0) break;
      targetView.setInt32(at, x, true);
    }
    const next = i + 4;
    while (i < next) {
      const code = bytes[i] as number;
      if (code === QUOTE) {
        input.at = i + 1;
        return writeLength(to, at);
      }
      if (code < SPACE) throw unusual;
      if (code > 127) {
        const size = utf8Length(bytes, i, input.length);
        for (let k = 0; k < size; k++) target[at++] = bytes[i++] as number;
        output.isAscii = false;
        continue;
      }
      if (code === BACKSLASH) {
        const char = escapes.get(bytes[i + 1] as number);
        if (char === undefined) throw unusual;
        target[at++] = char;
        i += 2;
        continue;
      }
      target[at++] = code;
      i++;
    }
  }
}

/** Writes a length to the byte that is reserved for it, and moves the value if one byte is not enough. Returns the end of the value. */
export function writeLength(at: number, end: number): number {
  const { bytes } = output;
  const length = end - at - 1;
  if (length < 128) {
    bytes[at] = length;
    output.from = at + 1;
    return end;
  }
  const more = length < 16_384 ? 1 : length < 2_097_152 ? 2 : 3;
  bytes.copyWithin(at + 1 + more, at + 1, end);
  output.from = writeVarint(length, at);
  return end + more;
}

/** Returns the text that {@link readString} wrote last. */
export function lastText(end: number): string {
  return output.bytes.toString(output.isAscii ? "latin1" : "utf8", output.from, end);
}

/** Reads an integer, which may be in quotes. Stores the position after it in {@link input}. @throws unusual for all but short integers */
export function readInteger(from: number): number {
  const { bytes } = input;
  let i = from;
  const isQuoted = bytes[i] === QUOTE;
  if (isQuoted) i++;
  const isNegative = bytes[i] === MINUS;
  if (isNegative) i++;
  const start = i;
  let value = 0;
  let code = bytes[i] as number;
  for (; code >= ZERO && code <= NINE; code = bytes[++i] as number) value = value * 10 + (code - ZERO);
  const digits = i - start;
  if (digits === 0 || digits > MOST_DIGITS || (digits > 1 && bytes[start] === ZERO)) throw unusual;
  if (code === DOT || code === UPPER_E || code === LOWER_E || (isNegative && value === 0)) throw unusual;
  if (isQuoted && bytes[i++] !== QUOTE) throw unusual;
  input.at = i;
  return isNegative ? -value : value;
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Numbers that are written with more characters are rare. */
const LONGEST_NUMBER = 40;

/**
 * Reads a number. Stores the position after it in {@link input}. @throws unusual for text, -0 and numbers that are too long or too large
 */
export function readNumber(from: number): number {
  const text = input.bytes.toString("latin1", from, from + LONGEST_NUMBER);
  number.lastIndex = 0;
  const [found] = number.exec(text) ?? [];
  if (found === undefined || found.length === LONGEST_NUMBER) throw unusual;
  const value = Number(found);
  if (!Number.isFinite(value) || Object.is(value, -0)) throw unusual;
  input.at = from + found.length;
  return value;
}

/** Writes an integer below 2^53 and not below -2^53 as a varint of 64 bits. Returns where it ends. */
export function writeVarint(value: number, to: number): number {
  const { bytes } = output;
  let at = to;
  let low = value >>> 0;
  let high = value === low ? 0 : Math.floor(value / 0x1_0000_0000) >>> 0;
  while (high !== 0 || low > 127) {
    bytes[at++] = (low & 127) | 128;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  bytes[at++] = low;
  return at;
}

/** Writes an integer below 2^53 and not below -2^53 as 64 bits. */
export function writeFixed64(value: number, to: number): number {
  const { view } = output;
  view.setInt32(to, value | 0, true);
  view.setInt32(to + 4, Math.floor(value / 0x1_0000_0000) | 0, true);
  return to + 8;
}

/** Writes the fields of a message, which were written in the order of its JSON, in that of their numbers: `places` has begin and end of each. */
export function reorder(places: readonly number[], start: number, end: number): void {
  const { bytes } = output;
  const copy = Buffer.from(bytes.subarray(start, end));
  let at = start;
  for (let k = 0; k < places.length; k += 2) {
    const from = places[k] as number;
    const to = places[k + 1] as number;
    bytes.set(copy.subarray(from - start, to - start), at);
    at += to - from;
  }
}
