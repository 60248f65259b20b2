import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { violation } from "@kontor/errors";
import { createCheck } from "../domain/check.ts";

/**
 * The fields that a request changes: those its mask names in proto's spelling, `*` for all, or, without a mask, those that
 * are not empty.
 *
 * @param resource the field of the request that holds the values
 * @throws KontorError INVALID_ARGUMENT naming the fields of the resource that are unknown or cannot be changed
 */
export function changesOf<T, const F extends keyof T & string>(
  values: T,
  mask: FieldMask | undefined,
  changeable: readonly F[],
  resource: string,
): Partial<Pick<T, F>> {
  const named =
    mask === undefined ? changeable.filter((field) => values[field] !== "") : fieldsOf(mask, changeable, resource);
  return Object.fromEntries(named.map((field) => [field, values[field]])) as Partial<Pick<T, F>>;
}

function fieldsOf<F extends string>({ paths }: FieldMask, changeable: readonly F[], resource: string): readonly F[] {
  if (paths.length === 1 && paths[0] === "*") return changeable;
  const check = createCheck();
  for (const path of paths) {
    const field = path.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    check.that(
      changeable.some((field) => snakeCase(field) === path),
      violation(`${resource}.${field}`, "NOT_CHANGEABLE", { path: field }),
    );
  }
  check.done();
  return changeable.filter((field) => paths.includes(snakeCase(field)));
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
