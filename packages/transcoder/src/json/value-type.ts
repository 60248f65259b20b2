import type { DescEnum, DescField, DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { EnumNames } from "./enum-names.ts";
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
