import { type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { say, type Text } from "../problems/text.ts";
import { isWrapper } from "./field-path.ts";
import type { ValueType } from "./value-type.ts";

/** Most values of an enum that a text names. */
const MOST_VALUES = 20;

/** Returns what to tell a client whose value is not of the type; without a type any JSON value may be expected. */
export function wrongType(type: ValueType | undefined): Text {
  if (type?.kind === "enum") {
    const { names } = type;
    const values = type.enum.values.map((value) =>
      names === undefined ? value.name : names.ofNumber.get(value.number),
    );
    return say("NOT_IN", { values: values.filter((name) => name !== undefined).slice(0, MOST_VALUES) });
  }
  return say("WRONG_TYPE", { expected: type === undefined ? "json" : nameOf(type) });
}

function nameOf(type: Exclude<ValueType, { kind: "enum" }>): string {
  if (type.kind === "message") return messageName(type.message);
  return type.isSafe ? "safeInteger" : scalars[type.scalar];
}

const scalars: Readonly<Record<ScalarType, string>> = {
  [ScalarType.DOUBLE]: "number",
  [ScalarType.FLOAT]: "number",
  [ScalarType.INT64]: "int64",
  [ScalarType.UINT64]: "uint64",
  [ScalarType.INT32]: "int32",
  [ScalarType.FIXED64]: "uint64",
  [ScalarType.FIXED32]: "uint32",
  [ScalarType.BOOL]: "boolean",
  [ScalarType.STRING]: "string",
  [ScalarType.BYTES]: "base64",
  [ScalarType.UINT32]: "uint32",
  [ScalarType.SFIXED32]: "int32",
  [ScalarType.SFIXED64]: "int64",
  [ScalarType.SINT32]: "int32",
  [ScalarType.SINT64]: "int64",
};

function messageName(desc: DescMessage): string {
  const [wrapped] = desc.fields;
  if (isWrapper(desc) && wrapped?.fieldKind === "scalar") return scalars[wrapped.scalar];
  switch (desc.typeName) {
    case "google.protobuf.Timestamp":
      return "timestamp";
    case "google.protobuf.Duration":
      return "duration";
    case "google.protobuf.FieldMask":
      return "fieldMask";
    case "google.protobuf.ListValue":
      return "array";
    case "google.protobuf.Value":
      return "json";
    default:
      return "object";
  }
}
