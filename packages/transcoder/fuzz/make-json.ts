import { type DescField, type DescMessage, type JsonObject, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { isWellKnown, type ValueType, valueTypeOf } from "@kontor/proto-json";
import type { Random } from "./random.ts";

const texts = ["", "a", "x y", "é谷😁", "a/b", "100", "\u0000", "__proto__", "%2F", "..", "null", "'\"<>&"];
const integers = ["0", "1", "-1", "7", "2147483647", "9007199254740993", "9223372036854775807", "1e3"];

/** A message as ProtoJSON: valid by its descriptor. */
export function makeJson(desc: DescMessage, random: Random, depth = 0): JsonObject {
  const json: JsonObject = {};
  const taken = new Set<unknown>();
  for (const field of desc.fields) {
    if (!random.chance(depth === 0 ? 0.5 : 0.3)) continue;
    if (field.oneof !== undefined && taken.has(field.oneof)) continue;
    if (depth > 2 && valueTypeOf(field).kind === "message") continue;
    taken.add(field.oneof);
    json[random.chance(0.8) ? field.jsonName : field.name] = makeField(field, random, depth);
  }
  return json;
}

/** The value of one field as ProtoJSON. */
export function makeField(field: DescField, random: Random, depth: number): JsonValue {
  const type = valueTypeOf(field);
  const value = () => makeValue(type, random, depth + 1);
  if (field.fieldKind === "list") return Array.from({ length: random.int(4) }, value);
  if (field.fieldKind !== "map") return value();
  const isText = field.mapKey === ScalarType.STRING;
  const key = () => (isText ? random.pick(texts) : field.mapKey === ScalarType.BOOL ? "true" : String(random.int(9)));
  return Object.fromEntries(Array.from({ length: random.int(3) }, () => [key(), value()]));
}

/** A scalar as text, as a path or a query takes it. */
export function makeText(type: ValueType, random: Random): string {
  const value = makeValue(type, random, 9);
  return typeof value === "object" ? "" : String(value);
}

function makeValue(type: ValueType, random: Random, depth: number): JsonValue {
  if (type.kind === "enum") return random.pick(type.enum.values).name;
  if (type.kind === "message") {
    return isWellKnown(type.message) ? makeWellKnown(type.message.name, random) : makeJson(type.message, random, depth);
  }
  switch (type.scalar) {
    case ScalarType.STRING:
      return random.pick(texts);
    case ScalarType.BYTES:
      return random.pick(["", "AQI=", "-_8"]);
    case ScalarType.BOOL:
      return random.chance(0.5);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return random.pick<JsonValue>([0, 1.5, -2, "NaN", "Infinity"]);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return random.pick(integers);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return random.pick(integers.filter((text) => !text.startsWith("-")));
    default:
      return random.int(100);
  }
}

function makeWellKnown(name: string, random: Random): JsonValue {
  switch (name) {
    case "Timestamp":
      return random.pick(["2026-01-02T03:04:05Z", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999999Z"]);
    case "Duration":
      return random.pick(["0s", "1.5s", "-0.000000001s"]);
    case "FieldMask":
      return random.pick(["", "a", "a.bC,d"]);
    case "Struct":
    case "Any":
      return {};
    case "ListValue":
      return [1, [null], "x"];
    case "Value":
      return random.pick<JsonValue>([null, 1, "x", [1], { a: { b: [] } }]);
    case "BoolValue":
      return random.chance(0.5);
    case "BytesValue":
      return "AQI=";
    case "StringValue":
      return random.pick(texts);
    default:
      return random.int(100);
  }
}
