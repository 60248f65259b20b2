import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** Reads one string or integer from the bytes of a message; undefined where it is absent, empty or 0. */
export type WireReader = (bytes: Uint8Array) => string | undefined;

/** Reads the value at the reader. */
type Read = (reader: BinaryReader) => string | number | bigint;

const reads: ReadonlyMap<ScalarType | undefined, Read> = new Map<ScalarType, Read>([
  [ScalarType.STRING, (reader) => reader.string()],
  [ScalarType.INT32, (reader) => reader.int32()],
  [ScalarType.UINT32, (reader) => reader.uint32()],
  [ScalarType.INT64, (reader) => reader.int64()],
  [ScalarType.UINT64, (reader) => reader.uint64()],
]);

/**
 * Compiles the reader of a field, without decoding the rest. A field that is repeated on the wire has its last value, as in protobuf.
 *
 * @param path leads through singular messages to a string or a 32-bit or 64-bit varint; no field of it is in a oneof
 */
export function wireReader(path: readonly DescField[]): WireReader | undefined {
  const read = reads.get(path.at(-1)?.scalar);
  if (read === undefined) return undefined;
  const numbers = path.map(({ number }) => number);
  return (bytes) => {
    const value = lastValue(new BinaryReader(bytes), bytes.length, numbers, 0, read);
    return value ? String(value) : undefined;
  };
}

/** Returns the last value of a field before `end`, and moves the reader there. */
function lastValue(
  reader: BinaryReader,
  end: number,
  numbers: readonly number[],
  depth: number,
  read: Read,
): ReturnType<Read> | undefined {
  let value: ReturnType<Read> | undefined;
  while (reader.pos < end) {
    const tag = reader.uint32();
    const [number, wireType] = [tag >>> 3, tag & 7];
    if (number !== numbers[depth]) pass(reader, wireType, number);
    else if (depth === numbers.length - 1) value = read(reader);
    else {
      const length = reader.uint32();
      value = lastValue(reader, reader.pos + length, numbers, depth + 1, read) ?? value;
    }
  }
  return value;
}

/** Moves the reader behind a value. */
function pass(reader: BinaryReader, wireType: WireType, number: number): void {
  if (wireType !== WireType.LengthDelimited) reader.skip(wireType, number);
  else {
    const length = reader.uint32(); // Not `skip`, which creates an array of the skipped bytes.
    reader.pos += length;
  }
}
