import { FIELD_OVERHEAD, type Fields } from "./decoder.ts";
import { STATIC_ENTRIES, STATIC_NAMES, STATIC_VALUES } from "./static-table.ts";

/**
 * Which names enter the dynamic table: `value` with each new value, for values that repeat; `name` once, so that later fields refer to
 * the name. Other fields are sent literally.
 */
export type IndexPolicy = Readonly<Record<string, "value" | "name">>;

/** The most bytes of the table that an encoder fills, even if the peer accepts more. */
const MAX_CAPACITY = 4_096;
/** The longest integer in bytes. */
const MAX_INTEGER = 5;
/** A string that is shorter is written faster byte by byte. */
const SHORT = 24;

/** Names whose values no peer may index (RFC 7541, section 7.1.3). */
const secret: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization", "set-cookie"]);

/** The encoder's entry of a name. */
interface NameEntry {
  readonly policy: "value" | "name" | undefined;
  /** Its first index in the static table; 0 if it has none. */
  readonly index: number;
  /** Index in the static table by value. */
  readonly indexByValue: ReadonlyMap<string, number>;
  /** Number of the dynamic entry by value. */
  readonly numbers: Map<string, number>;
  /** Number of its newest dynamic entry. */
  newest: number;
}

/** Encodes the header blocks of one connection, in the order in which they are sent (RFC 7541). Strings are sent without Huffman code. */
export class HpackEncoder {
  readonly #names = new Map<string, NameEntry>();
  readonly #entries: { readonly name: NameEntry; readonly value: string; readonly size: number }[] = [];
  /** The number of entries ever inserted: the number of the newest one. */
  #inserted = 0;
  #size = 0;
  #capacity = MAX_CAPACITY;
  #wanted = MAX_CAPACITY;
  #lowest = MAX_CAPACITY;

  constructor(policy: IndexPolicy) {
    const names = new Set([...STATIC_NAMES.slice(1), ...Object.keys(policy)]);
    for (const name of names) {
      const found = STATIC_NAMES.indexOf(name, 1);
      const indices = STATIC_NAMES.flatMap((each, index) => (index > 0 && each === name ? [index] : []));
      const indexByValue = new Map(indices.map((index) => [STATIC_VALUES[index] ?? "", index]));
      const [index, newest, numbers] = [Math.max(0, found), 0, new Map<string, number>()];
      this.#names.set(name, { policy: policy[name], index, indexByValue, numbers, newest });
    }
  }

  /** Applies the peer's SETTINGS_HEADER_TABLE_SIZE. The next block begins with the change (RFC 7541, section 4.2). */
  setLimit(limit: number): void {
    this.#wanted = Math.min(limit, MAX_CAPACITY);
    this.#lowest = Math.min(this.#lowest, this.#wanted);
  }

  /** Returns the most bytes that a block of these fields takes. @throws TypeError when HTTP/2 forbids a name or a value */
  measure(fields: Fields): number {
    let bytes = 2 * MAX_INTEGER;
    for (let at = 0; at < fields.length; at += 2) {
      const name = fields[at] ?? "";
      const value = fields[at + 1] ?? "";
      const entry = this.#names.get(name);
      if (entry === undefined && !NAME.test(name)) throw new TypeError(`HTTP/2 forbids the field name "${name}".`);
      if (!entry?.numbers.has(value) && !VALUE.test(value))
        throw new TypeError(`HTTP/2 forbids the value of "${name}".`);
      bytes += name.length + value.length + 3 * MAX_INTEGER;
    }
    return bytes;
  }

  /** Writes the block of fields that were measured, and returns its end. */
  encode(fields: Fields, out: Buffer, start: number): number {
    let at = this.#lowest < this.#capacity || this.#wanted !== this.#capacity ? this.#resize(out, start) : start;
    for (let field = 0; field < fields.length; field += 2)
      at = this.#field(fields[field] ?? "", fields[field + 1] ?? "", out, at);
    return at;
  }

  #field(name: string, value: string, out: Buffer, at: number): number {
    const entry = this.#names.get(name);
    if (entry === undefined) {
      out[at] = 0;
      return string(value, out, string(name, out, at + 1));
    }
    const number = entry.numbers.get(value);
    if (number !== undefined) return integer(this.#indexOf(number), 127, 0x80, out, at);
    const index = entry.indexByValue.get(value);
    if (index !== undefined) return integer(index, 127, 0x80, out, at);
    const isKnown = entry.newest > this.#inserted - this.#entries.length;
    const nameIndex = entry.index || (isKnown ? this.#indexOf(entry.newest) : 0);
    const size = name.length + value.length + FIELD_OVERHEAD;
    const inserts = entry.policy === "value" || (entry.policy === "name" && nameIndex === 0);
    let end: number;
    if (inserts && size <= this.#capacity / 4) {
      end = integer(nameIndex, 63, 0x40, out, at);
      this.#insert(entry, value, size);
    } else end = integer(nameIndex, 15, secret.has(name) ? 0x10 : 0, out, at);
    if (nameIndex === 0) end = string(name, out, end);
    return string(value, out, end);
  }

  #indexOf(number: number): number {
    return STATIC_ENTRIES + 1 + this.#inserted - number;
  }

  #insert(name: NameEntry, value: string, size: number): void {
    this.#size += size;
    this.#evict();
    this.#entries.push({ name, value, size });
    name.newest = ++this.#inserted;
    name.numbers.set(value, this.#inserted);
  }

  #evict(): void {
    while (this.#size > this.#capacity) {
      const oldest = this.#entries.shift();
      if (oldest === undefined) return;
      this.#size -= oldest.size;
      oldest.name.numbers.delete(oldest.value);
    }
  }

  #resize(out: Buffer, start: number): number {
    let at = start;
    if (this.#lowest < this.#wanted) at = this.#shrink(this.#lowest, out, at);
    at = this.#shrink(this.#wanted, out, at);
    this.#lowest = this.#wanted;
    return at;
  }

  #shrink(capacity: number, out: Buffer, at: number): number {
    this.#capacity = capacity;
    this.#evict();
    return integer(capacity, 31, 0x20, out, at);
  }
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE = /^(?![\t ])[\t\x20-\x7e\x80-\xff]*$(?<![\t ])/;

function integer(value: number, mask: number, pattern: number, out: Buffer, start: number): number {
  let at = start;
  if (value < mask) {
    out[at++] = pattern | value;
    return at;
  }
  out[at++] = pattern | mask;
  let rest = value - mask;
  for (; rest >= 128; rest >>>= 7) out[at++] = (rest & 127) | 128;
  out[at++] = rest;
  return at;
}

function string(text: string, out: Buffer, start: number): number {
  const { length } = text;
  const at = integer(length, 127, 0, out, start);
  if (length > SHORT) out.write(text, at, "latin1");
  else for (let index = 0; index < length; index++) out[at + index] = text.charCodeAt(index);
  return at + length;
}
