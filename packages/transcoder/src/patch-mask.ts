import { create, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { fieldNamed, isWellKnown, nameOf } from "./field-path.ts";
import type { Route } from "./route.ts";
import { isJsonObject, type Json } from "./strict-json.ts";

/**
 * Fills the field mask of a PATCH that the client left out, from the fields present in the body. Fields that the path
 * writes identify the resource and are not part of the change.
 */
export function fillPatchMask(route: Route, message: ReflectMessage, body: Json | undefined): void {
  if (route.httpMethod !== "PATCH" || route.body.kind !== "field" || body === undefined) return;
  const { field } = route.body;
  const mask = maskOf(route.method.input);
  if (mask === undefined || field.fieldKind !== "message" || message.isSet(mask)) return;
  const bound = new Set(route.path.filter((b) => b.field[0] === field).map((b) => nameOf(b.field.slice(1))));
  const paths = presentPaths(field.message, body, "").filter((path) => !bound.has(path));
  message.set(mask, reflect(FieldMaskSchema, create(FieldMaskSchema, { paths })));
}

function maskOf(desc: DescMessage): (DescField & { fieldKind: "message" }) | undefined {
  const masks = desc.fields.filter((f) => f.fieldKind === "message" && f.message.typeName === FieldMaskSchema.typeName);
  const mask = masks.length === 1 ? masks[0] : masks.find((f) => f.name === "update_mask");
  return mask?.fieldKind === "message" ? mask : undefined;
}

function presentPaths(desc: DescMessage, json: Json, prefix: string): string[] {
  if (!isJsonObject(json)) return [];
  return Object.entries(json).flatMap(([key, value]) => {
    const field = fieldNamed(desc, key);
    if (field === undefined) return [];
    const path = `${prefix}${field.name}`;
    const nested =
      field.fieldKind === "message" && !isWellKnown(field.message)
        ? presentPaths(field.message, value, `${path}.`)
        : [];
    return nested.length > 0 ? nested : [path];
  });
}
