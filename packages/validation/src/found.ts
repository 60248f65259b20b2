import type { DescField } from "@bufbuild/protobuf";
import type { Path } from "@bufbuild/protobuf/reflect";
import type { FieldViolation } from "@kontor/errors";

/** A violation and where it is. The field of the violation is not written yet. */
export interface Found {
  readonly path: Path;
  readonly violation: FieldViolation;
}

/** Returns the violation of each path once per code, in the order of fields, with the names of fields as JSON has them. */
export function inOrder(found: readonly Found[]): readonly FieldViolation[] {
  const byField = new Map<string, FieldViolation>();
  for (const { path, violation } of found.toSorted((a, b) => compare(a.path, b.path))) {
    const field = fieldName(path);
    const key = `${field}\n${violation.code}`;
    if (!byField.has(key)) byField.set(key, { ...violation, field });
  }
  return [...byField.values()];
}

/** Returns a path as clients name it: `items[0].optionValues.color`. */
function fieldName(path: Path): string {
  let name = "";
  for (const step of path) {
    if (step.kind === "list_sub") name += `[${step.index}]`;
    else if (step.kind === "map_sub") name += `.${step.key}`;
    else if (step.kind === "field") name += name === "" ? step.jsonName : `.${step.jsonName}`;
  }
  return name;
}

function compare(a: Path, b: Path): number {
  for (const [index, step] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (step.kind === "field" && other.kind === "field" && step !== other) return placeOf(step) - placeOf(other);
    if (step.kind === "list_sub" && other.kind === "list_sub" && step.index !== other.index)
      return step.index - other.index;
    if (step.kind !== other.kind) return 0;
  }
  return a.length - b.length;
}

function placeOf(field: DescField): number {
  return field.parent.fields.indexOf(field);
}
