import { unusual } from "./wire-cursor.ts";

const START = 64 * 1024;
/** From here on a call of the runtime is faster than a loop. */
const LONG = 32;
/** A room that grew beyond this is given back. */
const KEPT = 1024 * 1024;

/** How JSON.stringify writes each ASCII character in a string; undefined for those that stand for themselves. */
const escapes = Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  const quoted = JSON.stringify(char);
  return quoted === `"${char}"` ? undefined : Buffer.from(quoted.slice(1, -1));
});
/** 0 for characters that are copied, 1 for those that are escaped, 2 for what is not ASCII. */
const kinds = Uint8Array.from({ length: 256 }, (_, code) => (code > 127 ? 2 : escapes[code] ? 1 : 0));

/** Writes JSON text as bytes, into room that is used again and again. */
export class JsonWriter {
  #room = Buffer.allocUnsafeSlow(START);
  #isAscii = true;
  at = 0;

  /** Resets to the beginning. */
  reset(): void {
    this.at = 0;
    this.#isAscii = true;
  }

  /** What was written, without so many bytes at its beginning and its end. */
  text(head: number, tail: number): string {
    const text = this.#room.toString(this.#isAscii ? "latin1" : "utf8", head, this.at - tail);
    if (this.#room.length > KEPT) this.#room = Buffer.allocUnsafeSlow(START);
    return text;
  }

  /** What was written since a place, each byte as a character. */
  since(start: number): string {
    return this.#room.toString("latin1", start, this.at);
  }

  /** Makes room for so many bytes. */
  reserve(count: number): void {
    if (this.at + count <= this.#room.length) return;
    const larger = Buffer.allocUnsafeSlow((this.at + count) * 2);
    this.#room.copy(larger, 0, 0, this.at);
    this.#room = larger;
  }

  byte(code: number): void {
    this.reserve(1);
    this.#room[this.at++] = code;
  }

  /** Writes bytes made ahead. */
  ready(bytes: Uint8Array): void {
    const { length } = bytes;
    this.reserve(length);
    const room = this.#room;
    let at = this.at;
    for (let i = 0; i < length; i++) room[at++] = bytes[i] as number;
    this.at = at;
  }

  /** Writes text of ASCII characters as it is. */
  ascii(text: string): void {
    const { length } = text;
    this.reserve(length);
    if (length > LONG) this.at += this.#room.write(text, this.at, "latin1");
    else for (let i = 0; i < length; i++) this.#room[this.at++] = text.charCodeAt(i);
  }

  /** Turns what was written since `start`, each entry after a comma, into an array or an object. */
  enclose(start: number, open: number, close: number): void {
    this.reserve(2);
    if (this.at === start) this.at++;
    this.#room[start] = open;
    this.#room[this.at++] = close;
  }

  /** Writes an integer below 2^32 and not below -2^31. */
  integer(value: number): void {
    this.reserve(11);
    const room = this.#room;
    let rest = value;
    if (rest < 0) {
      room[this.at++] = 45;
      rest = -rest;
    }
    let digits = 1;
    for (let limit = 10; rest >= limit && digits < 10; limit *= 10) digits++;
    let at = this.at + digits;
    this.at = at;
    do {
      const next = Math.floor(rest / 10);
      room[--at] = 48 + (rest - next * 10);
      rest = next;
    } while (rest > 0);
  }

  /** Writes the low digits of a number, as many as are asked for. */
  digits(value: number, count: number): void {
    this.reserve(count);
    let rest = value;
    for (let at = this.at + count - 1; at >= this.at; at--) {
      const next = Math.floor(rest / 10);
      this.#room[at] = 48 + (rest - next * 10);
      rest = next;
    }
    this.at += count;
  }

  /** Writes UTF-8 as a string of JSON. @throws unusual when it is not UTF-8 */
  string(bytes: Uint8Array, from: number, to: number): void {
    this.reserve((to - from) * 6 + 2);
    const room = this.#room;
    let at = this.at;
    room[at++] = 34;
    for (let i = from; i < to; i++) {
      const code = bytes[i] as number;
      const kind = kinds[code];
      if (kind === 0) room[at++] = code;
      else if (kind === 1) {
        for (const byte of escapes[code] ?? []) room[at++] = byte;
      } else {
        const length = utf8Length(bytes, i, to);
        for (let k = 0; k < length; k++) room[at++] = bytes[i + k] as number;
        i += length - 1;
        this.#isAscii = false;
      }
    }
    room[at++] = 34;
    this.at = at;
  }
}

/** Returns how many bytes a character beyond ASCII takes. @throws unusual where there is none (RFC 3629, section 4) */
function utf8Length(bytes: Uint8Array, at: number, end: number): number {
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
