import { violation } from "@kontor/errors";
import { check, demand } from "../domain/checks.ts";

/**
 * Returns the changes that a field mask chooses. A path below a field chooses the field, `*` all fields. Without a mask those
 * are chosen that have a value. Fields that only the server sets may be named; they are not changed.
 *
 * @throws KontorError INVALID_REQUEST that names `updateMask` for an unknown field.
 */
export function chosenChanges<M, E extends object>(
  message: M,
  mask: { readonly paths: readonly string[] } | undefined,
  editable: Readonly<Record<string, (message: M) => E>>,
  ignored: readonly string[],
): E {
  const named = (mask?.paths ?? []).map((path) => path.split(".")[0] ?? "");
  const paths = named.includes("*") ? Object.keys(editable) : named;
  const known = (path: string) => Object.hasOwn(editable, path) || ignored.includes(path);
  const values = Object.keys(editable).join(", ");
  demand(check(paths.every(known), violation("updateMask", "NOT_IN", { values })));
  const chosen = Object.entries(editable).filter(([path]) => paths.length === 0 || paths.includes(path));
  const changes = chosen.map(([, read]) => read(message));
  return Object.assign(
    {},
    ...(paths.length > 0 ? changes : changes.filter((change) => hasValue(Object.values(change)))),
  );
}

function hasValue(values: readonly unknown[]): boolean {
  return values.some((value) => {
    if (typeof value === "object" && value !== null) return hasValue(Object.values(value));
    return value !== "" && value !== 0 && value !== 0n && value !== undefined;
  });
}
