import { type Message, ScalarType } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import {
  fieldNamed,
  isJsonObject,
  type Json,
  pointerTo,
  type ScalarValue,
  sameScalar,
  type ValueType,
  valueFromJson,
  valueFromText,
  valueTypeOf,
  wrongType,
} from "@kontor/proto-json";
import { badBody, badPath } from "../problems/http-error.ts";
import { badField } from "../problems/place.ts";
import { say, textOfFault } from "../problems/text.ts";
import { type FieldPath, holderOf, leafOf, nameOf, occupiedOneof } from "../routing/field-path.ts";
import type { Route } from "../routing/route.ts";
import type { Found } from "../routing/route-table.ts";
import type { Variable } from "../routing/template.ts";

/**
 * Writes the variables of the path to the message, after the body was read into it: the body's value of the same field must be equal.
 *
 * @param body the parsed body, when there is one.
 * @throws HttpError 400
 */
export function bindPath(found: Found, message: ReflectMessage, body: Json | undefined): void {
  const { route } = found;
  for (const { variable, field: path } of route.path) {
    const text = textOf(found, variable);
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

/** Whether each variable of a route is a string of the request itself, outside of oneofs. Known once for each route. */
export function hasPlainPath(route: Route): boolean {
  let isPlain = plain.get(route);
  if (isPlain === undefined) {
    isPlain = route.path.every(({ field }) => {
      const leaf = leafOf(field);
      return field.length === 1 && leaf.scalar === ScalarType.STRING && leaf.oneof === undefined;
    });
    plain.set(route, isPlain);
  }
  return isPlain;
}

const plain = new WeakMap<Route, boolean>();

/** Writes the variables of a {@link hasPlainPath plain path} to a message that nothing else is written to. */
export function bindPlainPath(found: Found, message: Message): void {
  for (const { variable, field } of found.route.path)
    (message as unknown as Record<string, string>)[leafOf(field).localName] = textOf(found, variable);
}

/** Returns the words of the path that a variable matches. */
export function textOf({ segments, kept }: Found, { multi, start, rest, end }: Variable): string {
  const from = multi ? kept : segments;
  return end === start + 1 && !rest ? (from[start] ?? "") : from.slice(start, rest ? undefined : end).join("/");
}

function read(type: ValueType, text: string, name: string): ScalarValue {
  try {
    return valueFromText(type, text);
  } catch {
    throw badPath(textOfFault(wrongType(type)), name);
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
