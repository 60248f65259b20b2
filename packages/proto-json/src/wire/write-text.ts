import { input, output, unusual } from "./rooms.ts";

const QUOTE = 34;

/** The text that JSON.stringify writes for each ASCII character; undefined for characters that it writes unchanged. */
const escapes = Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  const quoted = JSON.stringify(char);
  return quoted === `"${char}"` ? undefined : Buffer.from(quoted.slice(1, -1));
});

/**
 * Writes UTF-8 of the input as a string of JSON. Returns its end. Four bytes are tested together. A byte that needs a closer test sets its
 * highest bit: control characters in `x - 0x20202020`, characters outside of ASCII in `x`, and bytes of 0 in `(y - 0x01010101) & ~y`.
 *
 * @throws unusual when it is not UTF-8
 */
export function writeString(from: number, length: number, to: number): number {
  if (to + length * 6 + 2 > output.size) output.grow(to, length * 6 + 2);
  const { bytes: source, view: sourceView } = input;
  const { bytes, view } = output;
  const end = from + length;
  let i = from;
  let at = to;
  bytes[at++] = QUOTE;
  while (i < end) {
    for (; i + 4 <= end; i += 4, at += 4) {
      const x = sourceView.getInt32(i, true);
      const quote = x ^ 0x22222222;
      const backslash = x ^ 0x5c5c5c5c;
      const odd = x | (x - 0x20202020) | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash);
      if ((odd & 0x80808080) !== 0) break;
      view.setInt32(at, x, true);
    }
    const next = Math.min(end, i + 4);
    while (i < next) {
      const code = source[i] as number;
      if (code > 127) {
        const size = utf8Length(source, i, end);
        for (let k = 0; k < size; k++) bytes[at++] = source[i++] as number;
        output.isAscii = false;
        continue;
      }
      const escaped = escapes[code];
      if (escaped === undefined) bytes[at++] = code;
      else for (let k = 0; k < escaped.length; k++) bytes[at++] = escaped[k] as number;
      i++;
    }
  }
  bytes[at++] = QUOTE;
  return at;
}

/** Returns how many bytes a character beyond ASCII takes. @throws unusual where there is none (RFC 3629, section 4) */
export function utf8Length(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] as number;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (first < 0xc2 || first > 0xf4 || at + length > end) throw unusual;
  const second = bytes[at + 1] as number;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) throw unusual;
  for (let i = 2; i < length; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) throw unusual;
  return length;
}

/** Writes bytes of the input as a string of base64. Returns where it ends. */
export function writeBase64(from: number, length: number, to: number): number {
  if (to + length * 2 + 6 > output.size) output.grow(to, length * 2 + 6);
  return writeAscii(`"${input.bytes.toString("base64", from, from + length)}"`, to);
}

/** Writes text of ASCII characters, for which there is room. Returns where it ends. */
export function writeAscii(text: string, to: number): number {
  const { bytes } = output;
  const { length } = text;
  if (length > 32) return to + bytes.write(text, to, "latin1");
  for (let i = 0; i < length; i++) bytes[to + i] = text.charCodeAt(i);
  return to + length;
}
