import { type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { wireReader } from "./wire-value.ts";

/** A request or response: its message, or its bytes as an encoder writes them, of which no message is made. */
export type Received = Message | Uint8Array;

/** Reads one string of a request; empty if it, or a message on the way to it, is not set. */
export type FieldReader = (request: Received) => string;

/**
 * Compiles the reader of a string field, once per method, so that a call only walks properties.
 *
 * @param path proto names joined by dots, such as `cart.user_id`
 * @throws Error if the path names no field, passes a list or a oneof, or ends at a field that is no string
 */
export function readField(desc: DescMessage, path: string): FieldReader {
  const fields: DescField[] = [];
  let at: DescMessage | undefined = desc;
  let last: DescField | undefined;
  for (const name of path.split(".")) {
    last = at?.fields.find((field) => field.name === name);
    if (!last) throw new Error(`${desc.typeName} has no field "${path}".`);
    if (last.oneof) throw new Error(`field "${path}" of ${desc.typeName} is in a oneof.`);
    fields.push(last);
    at = last.fieldKind === "message" ? last.message : undefined;
  }
  if (last?.fieldKind !== "scalar" || last.scalar !== ScalarType.STRING)
    throw new Error(`field "${path}" of ${desc.typeName} is not a string.`);
  const names = fields.map(({ localName }) => localName);
  const ofWire = wireReader(fields);
  return (request) => (request instanceof Uint8Array ? (ofWire?.(request) ?? "") : valueAt(request, names));
}

function valueAt(message: Message, names: readonly string[]): string {
  let value: unknown = message;
  for (const name of names) {
    if (typeof value !== "object" || value === null) return "";
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === "string" ? value : "";
}

/**
 * Returns the path as JSON names it: `cart.user_id` becomes `cart.userId`.
 *
 * ```ts
 * jsonPath("cart.user_id"); // "cart.userId"
 * ```
 */
export function jsonPath(path: string): string {
  return path.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
