import { type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { Schema } from "./schema.ts";

const int32: Schema = { type: "integer", format: "int32", minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };
const uint32: Schema = { type: "integer", minimum: 0, maximum: 2 ** 32 - 1 };
// Viewers round larger numbers, so the limits of 64-bit integers are not written as numbers.
const int64: Schema = { type: "string", format: "int64", pattern: "^-?[0-9]{1,19}$" };
const uint64: Schema = { type: "string", format: "uint64", pattern: "^[0-9]{1,20}$" };
const floating: Schema = { anyOf: [{ type: "number" }, { enum: ["NaN", "Infinity", "-Infinity"] }] };

const { INT32, SINT32, SFIXED32, UINT32, FIXED32, INT64, SINT64, SFIXED64, UINT64, FIXED64 } = ScalarType;
const bytes: Schema = { type: "string", contentEncoding: "base64" };

function plainSchema(type: ScalarType): Schema {
  if ([INT32, SINT32, SFIXED32].includes(type)) return int32;
  if ([UINT32, FIXED32].includes(type)) return uint32;
  if ([INT64, SINT64, SFIXED64].includes(type)) return int64;
  if ([UINT64, FIXED64].includes(type)) return uint64;
  if (type === ScalarType.BOOL) return { type: "boolean" };
  if (type === ScalarType.BYTES) return bytes;
  return type === ScalarType.STRING ? { type: "string" } : floating;
}

const unsigned: ReadonlySet<ScalarType> = new Set([UINT64, FIXED64]);

/** Returns the schema of a scalar. With `isNumber`, 64-bit integers are JSON numbers, as far as JavaScript holds them exactly. */
export function scalarSchema(type: ScalarType, isNumber: boolean): Schema {
  if (!isNumber) return plainSchema(type);
  const largest = Number.MAX_SAFE_INTEGER;
  return { type: "integer", minimum: unsigned.has(type) ? 0 : -largest, maximum: largest };
}

const anyJson: Schema = {};
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });

const wellKnown: Readonly<Record<string, Schema>> = {
  Timestamp: { type: "string", format: "date-time" },
  Duration: { type: "string", pattern: "^-?[0-9]{1,12}(\\.[0-9]{1,9})?s$" },
  FieldMask: { type: "string" },
  Struct: { type: "object", additionalProperties: true },
  ListValue: { type: "array", items: anyJson },
  Value: anyJson,
  Any: { type: "object", properties: { "@type": { type: "string" } }, additionalProperties: true },
  BoolValue: orNull({ type: "boolean" }),
  BytesValue: orNull(bytes),
  StringValue: orNull({ type: "string" }),
  DoubleValue: orNull(floating),
  FloatValue: orNull(floating),
  Int32Value: orNull(int32),
  UInt32Value: orNull(uint32),
  Int64Value: orNull(int64),
  UInt64Value: orNull(uint64),
};

/** Returns the schema of a type with a special form in ProtoJSON; undefined for other types. */
export function wellKnownSchema(message: DescMessage): Schema | undefined {
  return message.file.proto.package === "google.protobuf" ? wellKnown[message.name] : undefined;
}
