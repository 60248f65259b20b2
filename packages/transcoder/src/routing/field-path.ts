import type { DescField } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";

/** The fields that lead from a message to one of its leaves. Never empty. */
export type FieldPath = readonly DescField[];

/** The last field of the path, which contains the value. */
export function leafOf(path: FieldPath): DescField {
  const leaf = path.at(-1);
  if (leaf === undefined) throw new TypeError("a field path is never empty");
  return leaf;
}

/** The path in proto names, `book.author.full_name`. */
export function nameOf(path: FieldPath): string {
  return path.map((field) => field.name).join(".");
}

/** Returns the message that contains the last field of the path; it creates the messages on the way. */
export function holderOf(message: ReflectMessage, path: FieldPath): ReflectMessage {
  let at = message;
  for (const field of path.slice(0, -1)) {
    if (field.fieldKind !== "message") throw new TypeError(`${nameOf(path)} does not lead through messages`);
    const child = at.get(field);
    if (!at.isSet(field)) at.set(field, child);
    at = at.get(field);
  }
  return at;
}

/** The sibling that already occupies a oneof on the way to the field, if any. */
export function occupiedOneof(message: ReflectMessage, path: FieldPath): DescField | undefined {
  let at: ReflectMessage | undefined = message;
  for (const field of path) {
    if (at === undefined) return undefined;
    const chosen: DescField | undefined = field.oneof === undefined ? undefined : at.oneofCase(field.oneof);
    if (chosen !== undefined && chosen !== field) return chosen;
    at = field.fieldKind === "message" && at.isSet(field) ? at.get(field) : undefined;
  }
  return undefined;
}
