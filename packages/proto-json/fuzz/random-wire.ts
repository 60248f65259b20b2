import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** A number in [0, 1), the same ones for the same seed (mulberry32). */
export type Random = () => number;

export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Makes messages on the wire: as encoders write them, or with `mischief` now and then in any other way, legal or not. */
export class RandomWire {
  readonly #random: Random;
  readonly #mischief: number;

  constructor(random: Random, mischief: number) {
    this.#random = random;
    this.#mischief = mischief;
  }

  message(desc: DescMessage, depth = 0): Uint8Array {
    const writer = new BinaryWriter();
    const chosen = new Map(desc.oneofs.map((oneof) => [oneof, this.#pick(oneof.fields)]));
    const fields = desc.fields.toSorted((a, b) => a.number - b.number);
    if (this.#errs()) fields.sort(() => this.#random() - 0.5);
    for (const field of fields) {
      if (field.oneof !== undefined && chosen.get(field.oneof) !== field && !this.#errs()) continue;
      if (this.#chance(depth > 2 && "message" in field && field.message ? 0.9 : 0.4)) continue;
      this.#field(writer, field, depth);
      if (this.#errs()) this.#field(writer, field, depth);
    }
    if (this.#errs()) writer.tag(this.#pick([3, 99, 20_000, 536_870_911]), WireType.Varint).uint32(this.#below(300));
    const bytes = writer.finish();
    if (this.#errs()) return bytes.subarray(0, this.#below(bytes.length + 1));
    if (this.#errs() && bytes.length > 0) bytes[this.#below(bytes.length)] = this.#below(256);
    return bytes;
  }

  #field(writer: BinaryWriter, field: DescField, depth: number): void {
    const { number } = field;
    if (field.fieldKind === "map") {
      for (let left = this.#below(4); left > 0; left--)
        this.#entry(writer.tag(number, WireType.LengthDelimited), field, depth);
      return;
    }
    const type = typeOf(field);
    const isGroup = "delimitedEncoding" in field && field.delimitedEncoding;
    if (field.fieldKind !== "list") {
      this.#value(writer, number, type, depth, isGroup);
      return;
    }
    const count = this.#below(4);
    if (count > 0 && field.packed !== this.#errs() && typeof type !== "object") {
      writer.tag(number, WireType.LengthDelimited).fork();
      for (let left = count; left > 0; left--) this.#scalar(writer, type);
      writer.join();
    } else {
      const packed = field.packed && typeof type !== "object";
      for (let left = packed && !this.#errs() ? 0 : count; left > 0; left--)
        this.#value(writer, number, type, depth, isGroup);
    }
  }

  #entry(writer: BinaryWriter, field: DescField & { fieldKind: "map" }, depth: number): void {
    writer.fork();
    if (!this.#errs()) this.#value(writer, 1, field.mapKey, depth);
    if (!this.#errs()) this.#value(writer, 2, typeOf(field), depth);
    writer.join();
  }

  #value(writer: BinaryWriter, number: number, type: Type, depth: number, group = false): void {
    if (group && typeof type === "object" && type.kind === "message") {
      writer
        .tag(number, WireType.StartGroup)
        .raw(this.message(type, depth + 1))
        .tag(number, WireType.EndGroup);
    } else if (typeof type === "object" && type.kind === "message") {
      writer.tag(number, WireType.LengthDelimited).bytes(this.#known(type) ?? this.message(type, depth + 1));
    } else if (typeof type === "object") {
      writer.tag(number, WireType.Varint).int32(this.#enum(type));
    } else this.#scalar(writer.tag(number, wireTypeOf(type)), type);
  }

  #enum(desc: DescEnum): number {
    return this.#chance(0.9) ? this.#pick(desc.values).number : this.#pick([-1, 77, 2_147_483_647]);
  }

  /** Times that are times, mostly. */
  #known({ typeName }: DescMessage): Uint8Array | undefined {
    if (!/^google\.protobuf\.(Timestamp|Duration)$/.test(typeName) || this.#errs()) return undefined;
    const writer = new BinaryWriter();
    const limit = this.#pick([60, 1e9, 62_135_596_800, 253_402_300_800, 315_576_000_000]);
    const seconds = Math.floor((this.#random() * 2 - 1) * limit);
    const nanos = Math.floor(this.#random() * 1000) * this.#pick([0, 1, 1000, 1_000_000]);
    if (seconds !== 0) writer.tag(1, WireType.Varint).int64(seconds);
    if (nanos !== 0)
      writer.tag(2, WireType.Varint).int32(typeName.endsWith("Duration") && seconds <= 0 ? -nanos : nanos);
    return writer.finish();
  }

  #scalar(writer: BinaryWriter, type: ScalarType): void {
    switch (type) {
      case ScalarType.STRING:
        writer.bytes(this.#text());
        return;
      case ScalarType.BYTES:
        writer.bytes(Uint8Array.from({ length: this.#below(7) }, () => this.#below(256)));
        return;
      case ScalarType.BOOL:
        writer.bool(this.#chance(0.5));
        return;
      case ScalarType.DOUBLE:
        writer.double(this.#float());
        return;
      case ScalarType.FLOAT:
        writer.float(this.#float());
        return;
      default:
        this.#integer(writer, type);
    }
  }

  #integer(writer: BinaryWriter, type: ScalarType): void {
    const bits = BigInt(Math.floor(this.#random() * 2 ** 32)) | (BigInt(Math.floor(this.#random() * 2 ** 32)) << 32n);
    const value = this.#pick([0n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, bits]);
    const near = value >> BigInt(this.#pick([0, 0, 1, 33, 60]));
    const [i32, i64] = [Number(BigInt.asIntN(32, near)), BigInt.asIntN(64, near)];
    const [u32, u64] = [i32 >>> 0, BigInt.asUintN(64, near)];
    const write: Partial<Record<ScalarType, () => void>> = {
      [ScalarType.INT32]: () => writer.int32(i32),
      [ScalarType.UINT32]: () => writer.uint32(u32),
      [ScalarType.SINT32]: () => writer.sint32(i32),
      [ScalarType.FIXED32]: () => writer.fixed32(u32),
      [ScalarType.SFIXED32]: () => writer.sfixed32(i32),
      [ScalarType.INT64]: () => writer.int64(i64),
      [ScalarType.UINT64]: () => writer.uint64(u64),
      [ScalarType.SINT64]: () => writer.sint64(i64),
      [ScalarType.FIXED64]: () => writer.fixed64(u64),
      [ScalarType.SFIXED64]: () => writer.sfixed64(i64),
    };
    write[type]?.();
  }

  #float(): number {
    const odd = [0, -0, 1, -1, 0.1, 1e21, 1e-7, 123456789.25, 5e-324, 2 ** 31, Number.NaN, Infinity, -Infinity];
    return this.#chance(0.5) ? this.#pick(odd) : (this.#random() - 0.5) * 10 ** this.#below(30);
  }

  #text(): Uint8Array {
    const pieces = [
      "a",
      "Z9 ",
      '"',
      "\\",
      "\n",
      "\u0001",
      "\u007f",
      "é",
      "\u2028",
      "谷",
      "😁",
      "\ufeff",
      "</",
      "\ud800",
    ];
    const whole = ["", "0", "7", "10", "4294967295", "__proto__", "constructor", "x".repeat(60)];
    const text = this.#chance(0.3)
      ? this.#pick(whole)
      : Array.from({ length: this.#below(9) }, () => this.#pick(pieces)).join("");
    const broken = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x61, 0x80]];
    return this.#errs() ? Uint8Array.from(this.#pick(broken)) : Buffer.from(text);
  }

  #errs(): boolean {
    return this.#random() < this.#mischief;
  }
  #chance(probability: number): boolean {
    return this.#random() < probability;
  }
  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T;
  }
}

type Type = DescMessage | DescEnum | ScalarType;

function typeOf(field: DescField): Type {
  const type = field.message ?? field.enum ?? field.scalar;
  if (type === undefined) throw new TypeError(`${field} has no type`);
  return type;
}

function wireTypeOf(type: ScalarType): WireType {
  switch (type) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.Bit32;
    default:
      return WireType.Varint;
  }
}
