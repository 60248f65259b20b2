import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { createCheck } from "../domain/check.ts";

/**
 * The fields that a request changes: those its mask names in proto's spelling, `*` for all, or, without a mask, those that
 * are not empty.
 *
 * @throws KontorError INVALID_ARGUMENT naming the paths that are unknown or cannot be changed
 */
export function changesOf<T, const F extends keyof T & string>(
  values: T,
  mask: FieldMask | undefined,
  changeable: readonly F[],
): Partial<Pick<T, F>> {
  const named = mask === undefined ? changeable.filter((field) => values[field] !== "") : fieldsOf(mask, changeable);
  return Object.fromEntries(named.map((field) => [field, values[field]])) as Partial<Pick<T, F>>;
}

function fieldsOf<F extends string>({ paths }: FieldMask, changeable: readonly F[]): readonly F[] {
  if (paths.length === 1 && paths[0] === "*") return changeable;
  const check = createCheck();
  for (const path of paths) {
    check.that(
      changeable.some((field) => snakeCase(field) === path),
      "updateMask",
      `${path} cannot be changed.`,
    );
  }
  check.done();
  return changeable.filter((field) => paths.includes(snakeCase(field)));
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
