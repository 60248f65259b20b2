import { input, int64Of, output, unusual } from "./rooms.ts";
import { writeAscii } from "./write-text.ts";

const [QUOTE, MINUS, ZERO] = [34, 45, 48];

// Of all these the caller has made room for the longest number, and the returned value is where the number ends.

/** Writes an integer below 2^32 and not below -2^31. */
export function writeInteger(value: number, to: number): number {
  const { bytes } = output;
  let at = to;
  let rest = value;
  if (rest < 0) {
    bytes[at++] = MINUS;
    rest = -rest;
  }
  if (rest < 10) {
    bytes[at] = ZERO + rest;
    return at + 1;
  }
  let digits = 2;
  for (let limit = 100; rest >= limit && digits < 10; limit *= 10) digits++;
  const end = at + digits;
  at = end;
  do {
    const next = Math.floor(rest / 10);
    bytes[--at] = ZERO + (rest - next * 10);
    rest = next;
  } while (rest > 0);
  return end;
}

/** Writes two digits of a number below 100. */
export function writeTwoDigits(value: number, to: number): number {
  const { bytes } = output;
  const tens = (value / 10) | 0;
  bytes[to] = ZERO + tens;
  bytes[to + 1] = ZERO + (value | 0) - tens * 10;
  return to + 2;
}

/** Writes the low digits of a number. */
export function writeDigits(value: number, count: number, to: number): number {
  const { bytes } = output;
  let rest = Math.floor(value);
  for (let at = to + count - 1; at >= to; at--) {
    const next = Math.floor(rest / 10);
    bytes[at] = ZERO + (rest - next * 10);
    rest = next;
  }
  return to + count;
}

/** Writes a signed 64-bit integer of two halves in quotes. */
export function writeSigned(low: number, high: number, to: number): number {
  const { bytes } = output;
  bytes[to] = QUOTE;
  const end = high === low >> 31 ? writeInteger(low, to + 1) : writeAscii(String(int64Of(low, high)), to + 1);
  bytes[end] = QUOTE;
  return end + 1;
}

/** Writes an unsigned 64-bit integer of two halves in quotes. */
export function writeUnsigned(low: number, high: number, to: number): number {
  if (high >= 0) return writeSigned(low, high, to);
  return writeAscii(`"${(BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)}"`, to);
}

/** Writes a signed 64-bit integer of two halves as a JSON number. @throws unusual beyond 2^53, which the library refuses */
export function writeSignedNumber(low: number, high: number, to: number): number {
  if (high === low >> 31) return writeInteger(low, to);
  const value = Number(int64Of(low, high));
  if (!Number.isSafeInteger(value)) throw unusual;
  return writeAscii(String(value), to);
}

/** Writes an unsigned 64-bit integer of two halves as a JSON number. @throws unusual beyond 2^53 */
export function writeUnsignedNumber(low: number, high: number, to: number): number {
  if (high < 0) throw unusual;
  return high === 0 && low < 0 ? writeInteger(low >>> 0, to) : writeSignedNumber(low, high, to);
}

/** Writes the double of eight bytes of the input. */
export function writeDouble(from: number, to: number): number {
  return writeFloating(input.view.getFloat64(from, true), to);
}

/** Writes the float of four bytes of the input, as the double that it is. */
export function writeFloat(from: number, to: number): number {
  return writeFloating(input.view.getFloat32(from, true), to);
}

function writeFloating(value: number, to: number): number {
  if (value === (value | 0)) return writeInteger(value, to);
  return writeAscii(Number.isFinite(value) ? String(value) : `"${value}"`, to);
}
