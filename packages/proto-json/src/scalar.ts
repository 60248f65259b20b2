import { type DescEnum, type DescMessage, fromJson, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import {
  BoolValueSchema,
  BytesValueSchema,
  DoubleValueSchema,
  FloatValueSchema,
  Int32ValueSchema,
  Int64ValueSchema,
  StringValueSchema,
  UInt32ValueSchema,
  UInt64ValueSchema,
} from "@bufbuild/protobuf/wkt";
import type { EnumNames } from "./enum-names.ts";
import { ExactNumber, type Json } from "./strict-json.ts";
import type { ValueType } from "./value-type.ts";

/** A scalar or enum value as protobuf-es reflection takes it. */
export type ScalarValue = string | number | bigint | boolean | Uint8Array;

/** The wrapper whose ProtoJSON form is that of the scalar: the library's own conversions do the rest. */
const wrappers: Readonly<Record<ScalarType, DescMessage>> = {
  [ScalarType.DOUBLE]: DoubleValueSchema,
  [ScalarType.FLOAT]: FloatValueSchema,
  [ScalarType.INT64]: Int64ValueSchema,
  [ScalarType.UINT64]: UInt64ValueSchema,
  [ScalarType.INT32]: Int32ValueSchema,
  [ScalarType.FIXED64]: UInt64ValueSchema,
  [ScalarType.FIXED32]: UInt32ValueSchema,
  [ScalarType.BOOL]: BoolValueSchema,
  [ScalarType.STRING]: StringValueSchema,
  [ScalarType.BYTES]: BytesValueSchema,
  [ScalarType.UINT32]: UInt32ValueSchema,
  [ScalarType.SFIXED32]: Int32ValueSchema,
  [ScalarType.SFIXED64]: Int64ValueSchema,
  [ScalarType.SINT32]: Int32ValueSchema,
  [ScalarType.SINT64]: Int64ValueSchema,
};

const is64Bit = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
  ScalarType.SINT64,
]);

/** The numbers that ProtoJSON accepts in quotes; `Number` alone would accept hexadecimal too. */
const numeral = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$|^NaN$|^-?Infinity$/;

const UNSAFE = `the number must be ${Number.MIN_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}`;

/** Converts a JSON value other than null to a scalar. @throws Error without a pointer */
export function scalarFromJson(scalar: ScalarType, json: Json): ScalarValue {
  const same = asItIs(scalar, json);
  if (same !== undefined) return same;
  if (typeof json === "string" && isNumeric(scalar) && !numeral.test(json)) throw new Error("not a number");
  const plain = is64Bit.has(scalar) ? exactInteger(json) : doubleOf(json);
  if (plain === undefined) throw new Error("not a value of the type");
  const wrapper: unknown = fromJson(wrappers[scalar], plain);
  return (wrapper as { value: ScalarValue }).value;
}

/** Returns a value that needs no conversion, as nearly all do; undefined for every other one, right or wrong. */
function asItIs(scalar: ScalarType, json: Json): ScalarValue | undefined {
  if (typeof json === "string") return scalar === ScalarType.STRING ? json : undefined;
  if (typeof json === "boolean") return scalar === ScalarType.BOOL ? json : undefined;
  if (typeof json !== "number" || !Number.isSafeInteger(json) || Object.is(json, -0)) return undefined;
  switch (scalar) {
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return json === (json | 0) ? json : undefined;
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return BigInt(json);
    default:
      return undefined;
  }
}

/** Converts a JSON value to the number of an enum value; null only to that of `NullValue`. @throws Error without a pointer */
function enumFromJson(desc: DescEnum, json: Json, names?: EnumNames): number {
  if (json === null && desc.typeName === "google.protobuf.NullValue") return 0;
  const byName = desc.values.find((v) => v.name === json)?.number;
  const number = byName ?? (typeof json === "string" ? names?.numberOf(json) : undefined);
  if (number !== undefined) return number;
  const isNumber = typeof json === "number" && Number.isInteger(json) && Math.abs(json) <= 0x7fff_ffff;
  if (isNumber && (desc.open || desc.values.some((v) => v.number === json))) return json;
  throw new Error(`not a value of ${desc.typeName}`);
}

/** Converts a JSON value other than null to a scalar or enum value. @throws Error without a pointer */
export function valueFromJson(type: ValueType, json: Json): ScalarValue {
  if (type.kind === "enum") return enumFromJson(type.enum, json, type.names);
  if (type.kind === "message" || json === null) throw new Error("not a value of the type");
  const value = scalarFromJson(type.scalar, json);
  if (type.isSafe && !Number.isSafeInteger(Number(value))) throw new Error(UNSAFE);
  return value;
}

/** Converts text from a path or a query to a scalar or enum value. @throws Error without a pointer */
export function valueFromText(type: ValueType, text: string): ScalarValue {
  if (type.kind === "enum") return enumFromJson(type.enum, /^-?\d{1,10}$/.test(text) ? Number(text) : text, type.names);
  const isBoolean = type.kind === "scalar" && type.scalar === ScalarType.BOOL;
  return valueFromJson(type, isBoolean ? booleanOf(text) : text);
}

/** Returns true for `true` and false for `false`. Other text remains text and is refused later. */
export function booleanOf(text: string): boolean | string {
  return text === "true" ? true : text === "false" ? false : text;
}

/** Returns whether two values of one field are the same. */
export function sameScalar(a: ScalarValue, b: ScalarValue): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.from(a).equals(b);
  return Object.is(a, b);
}

function isNumeric(scalar: ScalarType): boolean {
  return scalar !== ScalarType.STRING && scalar !== ScalarType.BYTES && scalar !== ScalarType.BOOL;
}

function doubleOf(json: Json): JsonValue | undefined {
  if (json instanceof ExactNumber) return Number(json.text);
  return typeof json === "object" ? undefined : json;
}

/** Returns the integer that a number denotes, as text, so that no digit is lost: `1e3` and `1.0` are integers too. */
function exactInteger(json: Json): JsonValue | undefined {
  const text = json instanceof ExactNumber ? json.text : json;
  if (typeof text === "number") return text;
  if (typeof text !== "string") return undefined;
  const match = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const shift = Number(exponent) - fraction.length;
  const digits = shift >= 0 ? whole + fraction + "0".repeat(shift) : shiftRight(whole + fraction, -shift);
  return digits === undefined ? undefined : BigInt(`${sign}${digits}`).toString();
}

function shiftRight(digits: string, by: number): string | undefined {
  const padded = digits.padStart(by + 1, "0");
  return /^0*$/.test(padded.slice(-by)) ? padded.slice(0, -by) : undefined;
}
