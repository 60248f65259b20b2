import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { type FieldPath, fieldNamed, holderOf, leafOf, nameOf, occupiedOneof } from "../json/field-path.ts";
import { type ScalarValue, sameScalar, valueFromJson, valueFromText } from "../json/scalar.ts";
import { isJsonObject, type Json, pointerTo } from "../json/strict-json.ts";
import { type ValueType, valueTypeOf } from "../json/value-type.ts";
import { wrongType } from "../json/wrong-type.ts";
import { badBody, badPath } from "../problems/http-error.ts";
import { badField } from "../problems/place.ts";
import { say } from "../problems/text.ts";
import type { Route } from "../routing/route.ts";
import type { Found } from "../routing/route-table.ts";

/**
 * Writes the variables of the path to the message, after the body was read into it: what the body says about the same
 * field must agree.
 *
 * @param body the parsed body, when there is one.
 * @throws HttpError 400
 */
export function bindPath({ route, segments, kept }: Found, message: ReflectMessage, body: Json | undefined): void {
  for (const { variable, field: path } of route.path) {
    const from = variable.multi ? kept : segments;
    const text = from.slice(variable.start, variable.rest ? undefined : variable.end).join("/");
    const type = valueTypeOf(leafOf(path), route.json);
    const value = read(type, text, nameOf(path));
    const told = body === undefined ? undefined : inBody(route, path, body);
    if (told !== undefined && !agrees(type, told.json, value)) {
      throw badBody(told.pointer, say("BODY_DIFFERS_FROM_PATH", { field: nameOf(path) }));
    }
    const sibling = occupiedOneof(message, path);
    if (sibling !== undefined)
      throw badField(
        [...path.slice(0, -1), sibling].map(({ jsonName }) => jsonName),
        route,
        say("ALREADY_SET_BY_PATH", { field: sibling.jsonName, other: nameOf(path) }),
      );
    holderOf(message, path).set(leafOf(path), value);
  }
}

function read(type: ValueType, text: string, name: string): ScalarValue {
  try {
    return valueFromText(type, text);
  } catch {
    throw badPath(wrongType(type), name);
  }
}

function inBody(route: Route, path: FieldPath, body: Json): { json: Json; pointer: string } | undefined {
  if (route.body.kind === "none") return undefined;
  if (route.body.kind === "field" && route.body.field !== path[0]) return undefined;
  let json: Json | undefined = body;
  let pointer = "";
  for (const field of route.body.kind === "field" ? path.slice(1) : path) {
    if (json === undefined || !isJsonObject(json)) return undefined;
    const object: { readonly [key: string]: Json } = json;
    const key = Object.keys(object).find((k) => fieldNamed(field.parent, k) === field);
    if (key === undefined) return undefined;
    json = object[key];
    pointer = pointerTo(pointer, key);
  }
  return json === undefined || json === null ? undefined : { json, pointer };
}

function agrees(type: ValueType, json: Json, value: ScalarValue): boolean {
  return sameScalar(valueFromJson(type, json), value);
}
