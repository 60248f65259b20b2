import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { fieldNamed, type Gates, type JsonLimits, wireFromJson } from "@kontor/proto-json";
import { leafOf } from "../routing/field-path.ts";
import type { Route } from "../routing/route.ts";
import type { Variable } from "../routing/template.ts";
import { textOf } from "./bind-path.ts";
import { type RequestParts, takesBytes } from "./build-request.ts";

/** How text becomes JSON: unchanged, in quotes, or escaped in quotes. */
type Quoting = "bare" | "quoted" | "escaped";

/** A variable of the path, and its key with a colon. */
interface Bound {
  readonly variable: Variable;
  readonly key: string;
  readonly quoting: Quoting;
}

/** The variables of routes whose requests may be encoded; undefined for all other routes. */
const plans = new WeakMap<Route, readonly Bound[] | undefined>();

/** Names and values that need no decoding and lead to no nested field. */
const plainQuery = /^[\w~-]+=[\w.~-]*(?:&[\w~-]+=[\w.~-]*)*$/;
const MOST_PARAMETERS = 20;
const [OPEN, CLOSE, NULL, SPACE] = [123, 125, 110, 32];

/**
 * Returns the bytes of a request, straight from path, query and body: words of path and query become keys of the JSON object that is read.
 * Returns undefined for everything that is wrong or not plain, which `buildRequest` decides.
 */
export function encodeRequest(
  { found, query, body }: RequestParts,
  gates: Gates,
  limits: JsonLimits,
): Uint8Array | undefined {
  const { route } = found;
  const bound = planOf(route);
  if (bound === undefined) return undefined;
  let head = "";
  let keys = bound.length;
  for (const { variable, key, quoting } of bound) {
    const value = jsonOf(textOf(found, variable), quoting);
    if (value === undefined) return undefined;
    head += `,${key}${value}`;
  }
  if (query !== "") {
    const parameters = fromQuery(route, query);
    if (parameters === undefined) return undefined;
    head += parameters.text;
    keys += parameters.count;
  }
  const options = { form: route.json, gates, limits };
  const { input } = route.method;
  if (body === undefined || route.body.kind === "none") {
    return wireFromJson(input, Buffer.from(`{${head.slice(1)}}`), options);
  }
  if (route.body.kind === "message") {
    const json = head === "" ? body : joined(head, body);
    return json && wireFromJson(input, json, options);
  }
  if (body[firstByte(body, 0)] === NULL) return undefined;
  const key = `{${JSON.stringify(route.body.field.jsonName)}:`;
  // The number of keys shows that the body is one value, and that it adds no keys.
  const json = Buffer.concat([Buffer.from(key), body, Buffer.from(`${head}}`)]);
  return wireFromJson(input, json, { ...options, keys: keys + 1 });
}

/** Returns how the path of a route is read, if its requests may be encoded. */
function planOf(route: Route): readonly Bound[] | undefined {
  if (!plans.has(route)) plans.set(route, plan(route));
  return plans.get(route);
}

function plan(route: Route): readonly Bound[] | undefined {
  if (route.httpMethod === "PATCH" || takesBytes(route)) return undefined;
  const bound: Bound[] = [];
  for (const { variable, field } of route.path) {
    const leaf = leafOf(field);
    const quoting = quotingOf(leaf);
    if (field.length > 1 || quoting === undefined) return undefined;
    bound.push({ variable, key: `${JSON.stringify(leaf.jsonName)}:`, quoting });
  }
  return bound;
}

/** Returns how a field takes its value from text; undefined for fields that take none, or in more forms than one. */
function quotingOf(field: DescField): Quoting | undefined {
  if (field.fieldKind === "enum") return "escaped";
  if (field.fieldKind !== "scalar") return undefined;
  switch (field.scalar) {
    case ScalarType.STRING:
      return "escaped";
    case ScalarType.BOOL:
      return "bare";
    case ScalarType.BYTES:
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return undefined;
    default:
      return "quoted";
  }
}

function jsonOf(text: string, quoting: Quoting): string | undefined {
  if (quoting === "escaped") return JSON.stringify(text);
  if (quoting === "bare") return text === "true" || text === "false" ? text : undefined;
  return /^-?\d+$/.test(text) ? `"${text}"` : undefined;
}

function fromQuery(route: Route, query: string): { text: string; count: number } | undefined {
  if (route.body.kind === "message" || !plainQuery.test(query)) return undefined;
  const pieces = query.split("&");
  if (pieces.length > MOST_PARAMETERS) return undefined;
  let text = "";
  for (const piece of pieces) {
    const equals = piece.indexOf("=");
    const field = fieldNamed(route.method.input, piece.slice(0, equals));
    const quoting = field && quotingOf(field);
    if (field === undefined || quoting === undefined) return undefined;
    const value = jsonOf(piece.slice(equals + 1), quoting);
    if (value === undefined) return undefined;
    text += `,${JSON.stringify(field.jsonName)}:${value}`;
  }
  return { text, count: pieces.length };
}

/** Returns the object of a body with the keys of the head before its own; undefined if the body is no object. */
function joined(head: string, body: Uint8Array): Uint8Array | undefined {
  const at = firstByte(body, 0);
  if (body[at] !== OPEN) return undefined;
  const isEmpty = body[firstByte(body, at + 1)] === CLOSE;
  return Buffer.concat([Buffer.from(`{${head.slice(1)}${isEmpty ? "" : ","}`), body.subarray(at + 1)]);
}

/** Returns the place of the first byte that is no white space. */
function firstByte(bytes: Uint8Array, from: number): number {
  let at = from;
  while ((bytes[at] ?? OPEN) <= SPACE) at++;
  return at;
}
