import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { fieldNamed, isJsonObject, isWellKnown, type Json, type JsonObject, pointerTo } from "@kontor/proto-json";
import { badBody } from "../problems/http-error.ts";
import { say } from "../problems/text.ts";
import type { Route } from "../routing/route.ts";
import { parseMediaType } from "./media-type.ts";
import { maskOf } from "./patch-mask.ts";

/** The media type of RFC 7396. */
export const mergePatchType = "application/merge-patch+json";

/** Returns whether the route takes merge patches: a PATCH whose body is a message and whose request has an update mask. */
export function takesMergePatch({ httpMethod, body, method }: Route): boolean {
  if (httpMethod !== "PATCH" || body.kind !== "field" || method.methodKind === "client_streaming") return false;
  return body.field.fieldKind === "message" && !isWellKnown(body.field.message) && maskOf(method.input) !== undefined;
}

/** Returns whether a body with this Content-Type is a merge patch on this route. */
export function isMergePatch(route: Route, contentType: string): boolean {
  return takesMergePatch(route) && parseMediaType(contentType)?.type === mergePatchType;
}

/**
 * Refuses changes that a merge patch can express and an update mask cannot: a change of single entries of a map or of free JSON, and an
 * empty object in place of a message, which creates the message only if it is absent.
 *
 * @throws HttpError 400 with a pointer
 */
export function requireMergeable({ body }: Route, patch: Json | undefined): void {
  if (body.kind === "field" && body.field.fieldKind === "message") checkFields(body.field.message, patch, "");
}

function checkFields(desc: DescMessage, patch: Json | undefined, pointer: string): void {
  if (!isJsonObject(patch)) return;
  for (const [key, value] of Object.entries(patch)) {
    const field = fieldNamed(desc, key);
    if (field !== undefined && isJsonObject(value)) checkObject(field, value, pointerTo(pointer, key));
  }
}

/** Checks the object that a map or message field was read from. */
function checkObject(field: DescField, value: JsonObject, pointer: string): void {
  const isEmpty = Object.keys(value).length === 0;
  const parts = field.fieldKind === "message" && !isWellKnown(field.message) ? field.message : undefined;
  if (parts !== undefined && !isEmpty) checkFields(parts, value, pointer);
  else if (field.fieldKind !== "map" || !isEmpty)
    // An empty patch of a map changes nothing.
    throw badBody(pointer, say(parts === undefined ? "MERGE_ENTRIES" : "MERGE_EMPTY", { field: field.jsonName }));
}
