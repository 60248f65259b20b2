import { type DescEnum, type DescField, ScalarType } from "@bufbuild/protobuf";
import type { JsonForm } from "../json-form.ts";
import { longLength, unusual, varint } from "./rooms.ts";
import { type Source, textSource } from "./source.ts";
import {
  writeDouble,
  writeFloat,
  writeInteger,
  writeSigned,
  writeSignedNumber,
  writeUnsigned,
  writeUnsignedNumber,
} from "./write-numbers.ts";
import { writeBase64, writeString } from "./write-text.ts";

/** How a kind of value is on the wire, and how source reads and writes it. */
export interface ValueSource {
  readonly wireType: number;
  /**
   * Statements that read the value at `i`, before `end`, and write it at `p`. `n`, `e`, `lo` and `hi` are theirs. They make room for
   * themselves, except for `room` bytes.
   */
  readonly write: string;
  /** The zero value in ProtoJSON; empty where the library decides. */
  readonly zero: string;
  /** The most bytes of a value that reserves none itself. */
  readonly room: number;
}

const NUMBER_ROOM = 28;
/** An enum with more values is looked up instead of compared with each. */
const MOST_CASES = 24;

/** Statements after a call that may have made room. */
export const renewed = "O=R.bytes;V=R.view;";

/** Returns statements that read the end of a value with a length to `e`. */
export function endSource(source: Source): string {
  return `n=I[i++];if(n>127){i=${source.refer(longLength)}(i-1);n=S.low}e=i+n;if(e>end)throw ${source.refer(unusual)};`;
}

function varintSource(source: Source): string {
  return `lo=I[i++];hi=0;if(lo>127){i=${source.refer(varint)}(i-1);lo=S.low;hi=S.high}`;
}

const fixed32 = "lo=S.view.getInt32(i,true);i+=4;";
const fixed64 = "lo=S.view.getInt32(i,true);hi=S.view.getInt32(i+4,true);i+=8;";
const zigzag64 = "n=-(lo&1);lo=((lo>>>1)|(hi<<31))^n;hi=(hi>>>1)^n;";

/** Returns how values of a scalar type are read and written; with `isNumber`, 64-bit integers as numbers. */
export function scalarSource(type: ScalarType, isNumber: boolean, source: Source): ValueSource {
  const call = (write: unknown, args: string) => `p=${source.refer(write)}(${args},p);`;
  const number = (wireType: number, write: string) => ({ wireType, write, zero: "0", room: NUMBER_ROOM });
  const wide = (wireType: number, read: string, isSigned: boolean) => {
    const bare = isSigned ? writeSignedNumber : writeUnsignedNumber;
    const quoted = isSigned ? writeSigned : writeUnsigned;
    const write = read + call(isNumber ? bare : quoted, "lo,hi");
    return { wireType, write, zero: isNumber ? "0" : '"0"', room: NUMBER_ROOM };
  };
  const text = (write: unknown) => ({
    ...{ wireType: 2, zero: '""', room: 0 },
    write: `${endSource(source)}${call(write, "i,n")}i=e;${renewed}`,
  });
  const varint = varintSource(source);
  switch (type) {
    case ScalarType.STRING:
      return text(writeString);
    case ScalarType.BYTES:
      return text(writeBase64);
    case ScalarType.BOOL: {
      const write = `${varint}if((lo|hi)!==0){${textSource("true")}}else{${textSource("false")}}`;
      return { wireType: 0, write, zero: "false", room: NUMBER_ROOM };
    }
    case ScalarType.INT32:
      return number(0, varint + call(writeInteger, "lo"));
    case ScalarType.UINT32:
      return number(0, varint + call(writeInteger, "lo>>>0"));
    case ScalarType.SINT32:
      return number(0, varint + call(writeInteger, "(lo>>>1)^-(lo&1)"));
    case ScalarType.FIXED32:
      return number(5, fixed32 + call(writeInteger, "lo>>>0"));
    case ScalarType.SFIXED32:
      return number(5, fixed32 + call(writeInteger, "lo"));
    case ScalarType.FLOAT:
      return number(5, `${call(writeFloat, "i")}i+=4;`);
    case ScalarType.DOUBLE:
      return number(1, `${call(writeDouble, "i")}i+=8;`);
    case ScalarType.INT64:
      return wide(0, varint, true);
    case ScalarType.UINT64:
      return wide(0, varint, false);
    case ScalarType.SINT64:
      return wide(0, varint + zigzag64, true);
    case ScalarType.FIXED64:
      return wide(1, fixed64, false);
    case ScalarType.SFIXED64:
      return wide(1, fixed64, true);
  }
}

/** Returns how values of an enum are read and written: by name, or by number where the contract has none. */
export function enumSource(desc: DescEnum, form: JsonForm, source: Source): ValueSource {
  const short = form.namesOf(desc);
  const isNull = desc.typeName === "google.protobuf.NullValue";
  const ofNumber =
    short?.ofNumber ?? new Map(desc.values.map(({ number }) => [number, desc.value[number]?.jsonName ?? ""]));
  const texts = new Map([...ofNumber].map(([number, name]) => [number, isNull ? "null" : JSON.stringify(name)]));
  const unset = short?.unset;
  const refuse = `throw ${source.refer(unusual)};`;
  const other = desc.open && !isNull ? `p=${source.refer(writeInteger)}(lo,p);` : refuse;
  const rest = unset === undefined ? other : `if(lo===${unset})${refuse}${other}`;
  const first = texts.get(desc.values[0]?.number ?? 0) ?? "";
  return {
    wireType: 0,
    write: varintSource(source) + namesSource(texts, rest, source),
    zero: unset === undefined ? first : "",
    room: Math.max(NUMBER_ROOM, ...[...texts.values()].map(({ length }) => length)),
  };
}

function namesSource(texts: ReadonlyMap<number, string>, rest: string, source: Source): string {
  if (texts.size > MOST_CASES) {
    const names = source.refer(new Map([...texts].map(([number, text]) => [number, Buffer.from(text, "latin1")])));
    return `n=${names}.get(lo);if(n===undefined){${rest}}else{O.set(n,p);p+=n.length}`;
  }
  const cases = [...texts].map(([number, text]) => `case ${number}:${textSource(text)}break;`);
  return `switch(lo){${cases.join("")}default:${rest}}`;
}

/** Returns whether map keys of a type are strings in JSON without further quotes. */
export function isQuoted(type: ScalarType, zero: string): boolean {
  return type === ScalarType.STRING || zero === '"0"';
}

/** Returns whether a field is a group, a deprecated wire type. */
export function isGroup(field: DescField): boolean {
  return "delimitedEncoding" in field && field.delimitedEncoding;
}
