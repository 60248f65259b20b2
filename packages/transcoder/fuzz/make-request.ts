import type { DescMessage } from "@bufbuild/protobuf";
import { isWellKnown, valueTypeOf } from "@kontor/proto-json";
import { leafOf, nameOf } from "../src/routing/field-path.ts";
import type { Route } from "../src/routing/route.ts";
import { makeField, makeJson, makeText } from "./make-json.ts";
import type { Random } from "./random.ts";

/** A request in parts, before it is mutated. */
export interface MadeRequest {
  readonly route: Route;
  method: string;
  path: string;
  query: string[];
  headers: [name: string, value: string][];
  body: Buffer | undefined;
  /** The values of fields in the path, by their proto path. Undefined once the path was mutated. */
  bound: ReadonlyMap<string, string> | undefined;
}

/** Makes a valid request of a route. */
export function makeRequest(route: Route, random: Random): MadeRequest {
  const bound = new Map<string, string>();
  const segments = route.template.segments.map((segment) =>
    segment.kind === "literal" ? encodeURIComponent(segment.text) : random.pick(["a", "b7", "x-1", "é", "42"]),
  );
  for (const { variable, field } of route.path) {
    const single = variable.end - variable.start === 1 && !variable.rest;
    const literal = route.template.segments[variable.start]?.kind === "literal";
    if (single && !literal) {
      const text = makeText(valueTypeOf(leafOf(field)), random);
      segments[variable.start] = /^[\w.-]+$/.test(text) && !/^\.+$/.test(text) ? text : "7";
    }
    bound.set(nameOf(field), segments.slice(variable.start, variable.end).map(decodeURIComponent).join("/"));
  }
  const path = `/${segments.map((s) => encodeURIComponent(decodeURIComponent(s))).join("/")}`;
  const method = route.httpMethod === "*" ? "POST" : route.httpMethod;
  const verb = route.template.verb === "" ? "" : `:${route.template.verb}`;
  const request: MadeRequest = {
    route,
    method,
    path: path + verb,
    query: [],
    headers: [],
    body: undefined,
    bound,
  };
  addBody(request, random);
  addQuery(request, random);
  return request;
}

function addBody(request: MadeRequest, random: Random): void {
  const { route } = request;
  const { body, method } = route;
  if (body.kind === "none" || method.methodKind === "bidi_streaming") return;
  const one = () => makeBody(route, random);
  const streams = method.methodKind === "client_streaming";
  const lines = streams && random.chance(0.5);
  const many = Array.from({ length: random.int(4) }, one);
  const text = !streams ? one() : lines ? many.map((line) => `${line}\n`).join("") : `[${many.join(",")}]`;
  request.headers.push(["Content-Type", lines ? "application/x-ndjson" : "application/json"]);
  request.body = Buffer.from(text);
}

/** One message as the body of the route contains it. */
export function makeBody(route: Route, random: Random): string {
  const { body, method } = route;
  const json = body.kind === "field" ? makeField(body.field, random, 0) : makeJson(method.input, random);
  return JSON.stringify(withoutBound(route, json));
}

/** The body without the fields of the path, so that the two do not contradict each other. */
function withoutBound(route: Route, json: unknown): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
  const first = route.path.map(({ field }) => field[route.body.kind === "field" ? 1 : 0]);
  const names = new Set(first.flatMap((field) => (field === undefined ? [] : [field.name, field.jsonName])));
  return Object.fromEntries(Object.entries(json).filter(([name]) => !names.has(name)));
}

function addQuery({ route, query }: MadeRequest, random: Random): void {
  if (route.body.kind === "message") return;
  const used = new Set(route.path.map(({ field }) => field[0]));
  for (const field of route.method.input.fields) {
    const isBody = route.body.kind === "field" && route.body.field === field;
    if (isBody || used.has(field) || field.oneof !== undefined || !random.chance(0.3)) continue;
    const type = valueTypeOf(field);
    if (field.fieldKind === "map" || (type.kind === "message" && !isSimple(type.message))) continue;
    const value = makeField(field, random, 2);
    for (const item of field.fieldKind === "list" && Array.isArray(value) ? value : [value]) {
      query.push(`${field.name}=${encodeURIComponent(typeof item === "object" ? "" : String(item))}`);
    }
  }
}

function isSimple(message: DescMessage): boolean {
  return isWellKnown(message) && !["Any", "Struct", "Value", "ListValue"].includes(message.name);
}
