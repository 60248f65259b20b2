import { ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Call } from "@kontor/transcoder";

/**
 * Writes text to a string or integer field of a request. The path consists of proto names with dots.
 *
 * @returns `differs` if the field holds another value, `unreadable` if the text is no value of its type
 */
export function fillField({ method, message }: Call, path: string, text: string): "filled" | "differs" | "unreadable" {
  const names = path.split(".");
  const last = names.pop();
  let at: ReflectMessage = reflect(method.input, message);
  for (const name of names) {
    const field = at.fields.find((each) => each.name === name);
    if (field?.fieldKind !== "message") return "unreadable";
    const child = at.get(field);
    if (!at.isSet(field)) at.set(field, child);
    at = at.get(field);
  }
  const field = at.fields.find((each) => each.name === last);
  if (field?.fieldKind !== "scalar") return "unreadable";
  const value = parsed(field.scalar, text);
  if (value === undefined) return "unreadable";
  if (at.isSet(field) && String(at.get(field)) !== text) return "differs";
  at.set(field, value);
  return "filled";
}

function parsed(type: ScalarType, text: string): string | number | bigint | undefined {
  if (type === ScalarType.STRING) return text;
  if (!/^(?:0|[1-9]\d{0,18})$/.test(text)) return undefined;
  const is64 = type === ScalarType.INT64 || type === ScalarType.UINT64;
  if (is64) return BigInt(text) < 2n ** 63n ? BigInt(text) : undefined;
  return Number(text) < 2 ** 31 ? Number(text) : undefined;
}
