/** Thrown at what is legal, or may be, but not what encoders write: the library is asked then. One object, made once. */
export const unusual = Symbol("unusual");

/** Field 1, wire type 0. */
const FIRST_TAG = 8;

/** Reads the wire format of protobuf. What is read beyond the end is nonsense, and found by comparing positions. */
export class WireCursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  /** The lower and the higher half of the last {@link varint} or {@link fixed64}. */
  low = 0;
  high = 0;

  /** Resets to the beginning. */
  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.at = 0;
  }

  /** The next tag as one number; 0 at the end. */
  tag(end: number): number {
    if (this.at >= end) return 0;
    const first = this.byte();
    if (first < 0x80) {
      if (first < FIRST_TAG) throw unusual;
      return first;
    }
    this.at--;
    this.varint();
    if (this.high !== 0 || (this.low >= 0 && this.low < FIRST_TAG)) throw unusual;
    return this.low >>> 0;
  }

  /** Reads a length and says where what has it ends. */
  end(limit: number): number {
    let length = this.byte();
    if (length >= 0x80) {
      this.at--;
      this.varint();
      if (this.high !== 0 || this.low < 0) throw unusual;
      length = this.low;
    }
    const end = this.at + length;
    if (end > limit) throw unusual;
    return end;
  }

  /** Reads a varint of up to 64 bits. */
  varint(): void {
    let byte = this.byte();
    let low = byte & 0x7f;
    let high = 0;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 63) throw unusual;
      byte = this.byte();
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high = bits >> 4;
      else if (shift > 28) high |= bits << (shift - 32);
    }
    this.low = low | 0;
    this.high = high | 0;
  }

  fixed32(): void {
    this.low = this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24);
  }

  fixed64(): void {
    this.fixed32();
    const { low } = this;
    this.fixed32();
    this.high = this.low;
    this.low = low;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw unusual;
    return byte;
  }
}
