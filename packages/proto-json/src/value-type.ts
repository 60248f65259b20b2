import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { EnumNames } from "./enum-names.ts";
import { isWrapper } from "./fields.ts";
import type { JsonFault } from "./json-error.ts";
import { type JsonForm, protoJson } from "./json-form.ts";

/** The type of one value: of a singular field, of an element of a list, of a value of a map. */
export type ValueType =
  /** `isSafe`: values beyond 2^53 are refused. */
  | { readonly kind: "scalar"; readonly scalar: ScalarType; readonly isSafe: boolean }
  | { readonly kind: "enum"; readonly enum: DescEnum; readonly names: EnumNames | undefined }
  | { readonly kind: "message"; readonly message: DescMessage };

/** Returns the type of the field's values, one by one. */
export function valueTypeOf(field: DescField, form: JsonForm = protoJson): ValueType {
  if (field.message !== undefined) return { kind: "message", message: field.message };
  if (field.enum !== undefined) return { kind: "enum", enum: field.enum, names: form.namesOf(field.enum) };
  return { kind: "scalar", scalar: field.scalar, isSafe: form.isNumber(field) };
}

/** Most values of an enum that a text names. */
const MOST_VALUES = 20;

/** Returns the fault of a value that is not of the type. Without a type any JSON value was expected. */
export function wrongType(type: ValueType | undefined): JsonFault {
  if (type?.kind === "enum") {
    const { names } = type;
    const values = type.enum.values.map((value) =>
      names === undefined ? value.name : names.ofNumber.get(value.number),
    );
    return { code: "NOT_IN", params: { values: values.filter((name) => name !== undefined).slice(0, MOST_VALUES) } };
  }
  return { code: "WRONG_TYPE", params: { expected: type === undefined ? "json" : nameOf(type) } };
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
