import { ERROR, Http2Error } from "../protocol.ts";
import { decodeHuffman } from "./huffman.ts";
import { STATIC_ENTRIES, STATIC_NAMES, STATIC_VALUES } from "./static-table.ts";

/** The bytes that a field counts for in addition to its name and value (RFC 7541, section 4.1). */
export const FIELD_OVERHEAD = 32;

/** Names and values, one after the other, each byte as a character. */
export type Fields = readonly string[];

/** A decoded header block. */
export interface HeaderBlock {
  readonly fields: Fields;
  /** Whether the fields are larger than the limit. The fields above it are missing. */
  readonly tooLarge: boolean;
}

/** Decodes the header blocks of one connection, in the order of their arrival (RFC 7541). */
export class HpackDecoder {
  readonly #limit: number;
  readonly #maxListSize: number;
  #capacity: number;
  #size = 0;
  /** A ring of names and values; the newest entry is at `#newest`. */
  #names: string[] = new Array(64).fill("");
  #values: string[] = new Array(64).fill("");
  #newest = 0;
  #count = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;

  /** `limit` is our SETTINGS_HEADER_TABLE_SIZE, `maxListSize` our SETTINGS_MAX_HEADER_LIST_SIZE. */
  constructor(limit: number, maxListSize: number) {
    this.#limit = limit;
    this.#capacity = limit;
    this.#maxListSize = maxListSize;
  }

  /** Decodes a whole block. @throws Http2Error COMPRESSION_ERROR */
  decode(bytes: Buffer, from: number, to: number): HeaderBlock {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
    const fields: string[] = [];
    let listSize = 0;
    while (this.#at < to) {
      const first = bytes[this.#at] ?? 0;
      if ((first & 0xe0) === 0x20) {
        if (fields.length > 0) throw invalid("A table size update follows a field.");
        this.#resize(this.#integer(31));
        continue;
      }
      let name: string;
      let value: string;
      if (first >= 0x80) {
        const index = this.#integer(127);
        name = this.#nameOf(index);
        value = index <= STATIC_ENTRIES ? (STATIC_VALUES[index] ?? "") : (this.#values[this.#slot(index)] ?? "");
      } else {
        const isIndexed = first >= 0x40;
        const index = this.#integer(isIndexed ? 63 : 15);
        name = index === 0 ? this.#string() : this.#nameOf(index);
        value = this.#string();
        if (isIndexed) this.#insert(name, value);
      }
      listSize += name.length + value.length + FIELD_OVERHEAD;
      if (listSize <= this.#maxListSize) fields.push(name, value);
    }
    return { fields, tooLarge: listSize > this.#maxListSize };
  }

  #integer(mask: number): number {
    let value = (this.#bytes[this.#at++] ?? 0) & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      if (this.#at >= this.#end) throw invalid("An integer is truncated.");
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw invalid("An integer is too long.");
  }

  #string(): string {
    if (this.#at >= this.#end) throw invalid("A string is missing.");
    const isHuffman = (this.#bytes[this.#at] ?? 0) >= 0x80;
    const length = this.#integer(127);
    const from = this.#at;
    const to = from + length;
    if (to > this.#end) throw invalid("A string is truncated.");
    this.#at = to;
    return isHuffman ? decodeHuffman(this.#bytes, from, to) : this.#bytes.toString("latin1", from, to);
  }

  #nameOf(index: number): string {
    if (index === 0) throw invalid("Index 0 has no field.");
    return index <= STATIC_ENTRIES ? (STATIC_NAMES[index] ?? "") : (this.#names[this.#slot(index)] ?? "");
  }

  #slot(index: number): number {
    const age = index - STATIC_ENTRIES - 1;
    if (age >= this.#count) throw invalid(`The table has no index ${index}.`);
    return (this.#newest - age + this.#names.length) % this.#names.length;
  }

  #insert(name: string, value: string): void {
    this.#size += name.length + value.length + FIELD_OVERHEAD;
    this.#evict();
    if (this.#size === 0) return; // It is larger than the table, which is empty now.
    if (this.#count === this.#names.length) this.#grow();
    this.#newest = (this.#newest + 1) % this.#names.length;
    this.#names[this.#newest] = name;
    this.#values[this.#newest] = value;
    this.#count++;
  }

  /** Removes the oldest entries until the size, which may include a new entry, is within the capacity. */
  #evict(): void {
    while (this.#size > this.#capacity) {
      if (this.#count === 0) {
        this.#size = 0;
        return;
      }
      const oldest = (this.#newest - this.#count + 1 + this.#names.length) % this.#names.length;
      this.#size -= (this.#names[oldest] ?? "").length + (this.#values[oldest] ?? "").length + FIELD_OVERHEAD;
      this.#names[oldest] = "";
      this.#values[oldest] = "";
      this.#count--;
    }
  }

  #resize(capacity: number): void {
    if (capacity > this.#limit) throw invalid(`The table size ${capacity} is above ${this.#limit}.`);
    this.#capacity = capacity;
    this.#evict();
  }

  #grow(): void {
    const slots = Array.from({ length: this.#count }, (_, age) => this.#slot(STATIC_ENTRIES + this.#count - age));
    const padding = new Array<string>(this.#count).fill("");
    this.#names = [...slots.map((slot) => this.#names[slot] ?? ""), ...padding];
    this.#values = [...slots.map((slot) => this.#values[slot] ?? ""), ...padding];
    this.#newest = this.#count - 1;
  }
}

function invalid(message: string): Http2Error {
  return new Http2Error(ERROR.compression, message);
}
