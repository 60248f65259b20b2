import { create, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type FieldMask, FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { fieldNamed, isJsonObject, isWellKnown, type Json } from "@kontor/proto-json";
import { badQuery } from "../problems/http-error.ts";
import { say } from "../problems/text.ts";
import { nameOf } from "../routing/field-path.ts";
import type { Route } from "../routing/route.ts";

/**
 * Fills the field mask of a PATCH that the client omitted or sent empty (AIP-134) from the fields present in the body. Fields
 * that the path writes identify the resource and are not part of the change. A merge patch names its fields itself.
 *
 * @throws HttpError 400 for a merge patch with a mask
 */
export function fillPatchMask(
  route: Route,
  message: ReflectMessage,
  body: Json | undefined,
  isMergePatch: boolean,
): void {
  if (route.httpMethod !== "PATCH" || route.body.kind !== "field" || body === undefined) return;
  const { field } = route.body;
  const mask = maskOf(route.method.input);
  if (mask === undefined || field.fieldKind !== "message") return;
  const given = message.isSet(mask) ? (message.get(mask).message as FieldMask).paths : [];
  if (given.length > 0 && isMergePatch) throw badQuery(mask.jsonName, say("MERGE_MASK", { name: mask.jsonName }));
  if (given.length > 0) return;
  const bound = new Set(route.path.filter((b) => b.field[0] === field).map((b) => nameOf(b.field.slice(1))));
  const skipsEmptyMaps = isMergePatch;
  const paths = presentPaths(field.message, body, "", skipsEmptyMaps).filter((path) => !bound.has(path));
  message.set(mask, reflect(FieldMaskSchema, create(FieldMaskSchema, { paths })));
}

/** Returns the update mask of a request: its only field mask, or the one of that name. */
export function maskOf(desc: DescMessage): (DescField & { fieldKind: "message" }) | undefined {
  const masks = desc.fields.filter((f) => f.fieldKind === "message" && f.message.typeName === FieldMaskSchema.typeName);
  const mask = masks.length === 1 ? masks[0] : masks.find((f) => f.name === "update_mask");
  return mask?.fieldKind === "message" ? mask : undefined;
}

function presentPaths(desc: DescMessage, json: Json, prefix: string, skipsEmptyMaps: boolean): string[] {
  if (!isJsonObject(json)) return [];
  return Object.entries(json).flatMap(([key, value]) => {
    const field = fieldNamed(desc, key);
    if (field === undefined) return [];
    if (skipsEmptyMaps && field.fieldKind === "map" && isJsonObject(value)) return [];
    const path = `${prefix}${field.name}`;
    const nested =
      field.fieldKind === "message" && !isWellKnown(field.message)
        ? presentPaths(field.message, value, `${path}.`, skipsEmptyMaps)
        : [];
    return nested.length > 0 ? nested : [path];
  });
}
