/** Thrown for input that may be legal but that generated code does not support: then the library decides. One object, created once. */
export const unusual = Symbol("unusual");

const START = 64 * 1024;
/** A room that grew beyond this is given back. */
const KEPT = 1024 * 1024;
/** The bytes after the end of the input, so that a truncated value can be read to its end. */
const MARGIN = 16;

/** A reused buffer, and the results that generated functions pass to each other. */
class Room {
  bytes: Buffer = Buffer.allocUnsafeSlow(START);
  view = new DataView(this.bytes.buffer);
  size = START;

  /** Reserves more bytes after a position. */
  grow(at: number, count: number): void {
    this.#replace(Math.ceil((at + count) * 1.5), at);
  }

  /** Releases the memory of one large message. */
  shrink(): void {
    if (this.size > KEPT) this.#replace(START, 0);
  }

  #replace(size: number, kept: number): void {
    const { bytes } = this;
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.view = new DataView(this.bytes.buffer);
    this.size = size;
    bytes.copy(this.bytes, 0, 0, kept);
  }
}

/** Where text or bytes are read from. */
class Input extends Room {
  length = 0;
  /** The lower and the higher half of the last long varint. */
  low = 0;
  high = 0;
  /** The position after the last value of JSON. */
  at = 0;
  /** How deep messages are nested where something is read, and how many values of JSON were read. */
  depth = 0;
  values = 0;
  /** How many keys the object of JSON has that was read last. */
  keys = 0;
  deepest = 0;
  mostValues = 0;

  /** Copies the input, so that generated code reads from one buffer. Zeros follow it. */
  take(bytes: Uint8Array): void {
    const { length } = bytes;
    if (length + MARGIN > this.size) this.grow(0, length + MARGIN);
    this.bytes.set(bytes);
    for (let i = 0; i < MARGIN; i += 4) this.view.setInt32(length + i, 0, true);
    this.length = length;
    this.depth = 0;
    this.values = 0;
  }
}

/** Where text or bytes are written to. */
class Output extends Room {
  /** Whether all text is ASCII. */
  isAscii = true;
  /** The beginning of the last value with a length. */
  from = 0;
}

export const input = new Input();
export const output = new Output();

/** Reads a varint of up to 64 bits into {@link input}. Returns where it ends. @throws unusual */
export function varint(from: number): number {
  const { bytes } = input;
  let at = from;
  let byte = bytes[at++] as number;
  let low = byte & 0x7f;
  let high = 0;
  for (let shift = 7; byte >= 0x80; shift += 7) {
    if (shift > 63) throw unusual;
    byte = bytes[at++] as number;
    const bits = byte & 0x7f;
    if (shift < 32) low |= bits << shift;
    if (shift === 28) high = bits >> 4;
    else if (shift > 28) high |= bits << (shift - 32);
  }
  input.low = low | 0;
  input.high = high | 0;
  return at;
}

/** Reads a length of more than one byte into {@link input}. Returns where it ends. @throws unusual */
export function longLength(from: number): number {
  const at = varint(from);
  if (input.high !== 0 || input.low < 0) throw unusual;
  return at;
}

/** Returns the 64-bit integer of two halves, as a number where that is exact. */
export function int64Of(low: number, high: number): number | bigint {
  if (high === low >> 31) return low;
  if (high >= -0x20_0000 && high < 0x20_0000) return high * 0x1_0000_0000 + (low >>> 0);
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}
