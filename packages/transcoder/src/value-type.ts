import type { DescEnum, DescField, DescMessage, ScalarType } from "@bufbuild/protobuf";

/** The type of one value: of a singular field, of an element of a list, of a value of a map. */
export type ValueType =
  | { readonly kind: "scalar"; readonly scalar: ScalarType }
  | { readonly kind: "enum"; readonly enum: DescEnum }
  | { readonly kind: "message"; readonly message: DescMessage };

/** The type of the field's values, one by one. */
export function valueTypeOf(field: DescField): ValueType {
  switch (field.fieldKind) {
    case "scalar":
      return { kind: "scalar", scalar: field.scalar };
    case "enum":
      return { kind: "enum", enum: field.enum };
    case "message":
      return { kind: "message", message: field.message };
    case "list":
      if (field.listKind === "scalar") return { kind: "scalar", scalar: field.scalar };
      return field.listKind === "enum"
        ? { kind: "enum", enum: field.enum }
        : { kind: "message", message: field.message };
    case "map":
      if (field.mapKind === "scalar") return { kind: "scalar", scalar: field.scalar };
      return field.mapKind === "enum"
        ? { kind: "enum", enum: field.enum }
        : { kind: "message", message: field.message };
  }
}
