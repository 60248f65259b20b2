import type { DescField } from "@bufbuild/protobuf";
import { pointerTo } from "@kontor/proto-json";
import type { Route } from "../routing/route.ts";
import { badBody, badQuery, type HttpError, type Place } from "./http-error.ts";
import type { Text } from "./text.ts";

/**
 * Returns where a client finds a field of the request message: in the body, or as a parameter of the path or the query.
 * `names` are the JSON names on the way to the field, and the indexes and keys.
 */
export function placeOf(names: readonly string[], route: Route | undefined): Place {
  if (route?.path.some(({ field }) => isSame(field, names))) return { parameter: parameterOf(names) };
  const inBody = route === undefined || route.body.kind === "message" ? names : undefined;
  const inField = route?.body.kind === "field" && route.body.field.jsonName === names[0] ? names.slice(1) : undefined;
  const path = inBody ?? inField;
  return path === undefined ? { parameter: parameterOf(names) } : { pointer: path.reduce(pointerTo, "") };
}

/** A list in a query is one parameter that is repeated, so the index of an element is no part of its name. */
function parameterOf(names: readonly string[]): string {
  return names.filter((name) => !/^\d+$/.test(name)).join(".");
}

/** Returns the refusal of a request because of one of its fields. */
export function badField(names: readonly string[], route: Route, text: Text): HttpError {
  const { pointer, parameter = "" } = placeOf(names, route);
  return pointer === undefined ? badQuery(parameter, text) : badBody(pointer, text);
}

function isSame(field: readonly DescField[], names: readonly string[]): boolean {
  return field.length === names.length && field.every(({ jsonName }, index) => jsonName === names[index]);
}
