import type { DescMessage } from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { badField } from "../problems/place.ts";
import { say } from "../problems/text.ts";
import type { Route } from "../routing/route.ts";

const known = new WeakMap<DescMessage, boolean>();

/** Refuses a message in which a required field of proto2 is not set: it could not be sent. @throws HttpError 400 */
export function requireFields(message: ReflectMessage, route: Route, names: readonly string[] = []): void {
  if (!mayRequire(message.desc)) return;
  for (const field of message.fields) {
    const at = [...names, field.jsonName];
    if (!message.isSet(field)) {
      if (field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED) throw badField(at, route, say("REQUIRED"));
    } else if (field.fieldKind === "message") requireFields(message.get(field), route, at);
    else if (field.fieldKind === "list" || field.fieldKind === "map") {
      const entries = field.fieldKind === "list" ? [...message.get(field)].entries() : message.get(field).entries();
      for (const [key, value] of entries)
        if (isReflectMessage(value)) requireFields(value, route, [...at, String(key)]);
    }
  }
}

/** Whether the message or one that it can contain has required fields of proto2. Known once for each type. */
export function mayRequire(desc: DescMessage): boolean {
  const answer = known.get(desc) ?? search(desc, new Set());
  known.set(desc, answer);
  return answer;
}

function search(desc: DescMessage, seen: Set<DescMessage>): boolean {
  if (seen.has(desc)) return false;
  seen.add(desc);
  return desc.fields.some((field) => {
    if (field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED) return true;
    const child = "message" in field ? field.message : undefined;
    return child !== undefined && search(child, seen);
  });
}
