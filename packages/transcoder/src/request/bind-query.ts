import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import {
  booleanOf,
  fieldNamed,
  isWellKnown,
  type Json,
  type JsonReader,
  parseStrictJson,
  valueFromText,
  valueTypeOf,
  wrongType,
} from "@kontor/proto-json";
import { badQuery } from "../problems/http-error.ts";
import { say, textOfFault } from "../problems/text.ts";
import { type FieldPath, holderOf, leafOf, nameOf, occupiedOneof } from "../routing/field-path.ts";
import { decodeStrictly } from "../routing/raw-path.ts";
import type { Route } from "../routing/route.ts";

const maxSteps = 32;

interface Parameter {
  readonly path: FieldPath;
  readonly field: DescField;
  readonly spellings: Map<string, string[]>;
}

/**
 * Writes query parameters to the fields that neither the path nor the body writes.
 *
 * @param ignoreUnknown whether parameters that name no field are skipped instead of refused. @throws HttpError 400 naming the parameter
 */
export function bindQuery(
  route: Route,
  message: ReflectMessage,
  query: readonly (readonly [string, string])[],
  reader: JsonReader,
  ignoreUnknown: boolean,
): void {
  if (query.length === 0) return;
  const parameters = new Map<string, Parameter>();
  for (const [name, value] of query) {
    const path = resolve(route, name);
    if (path === undefined) {
      if (ignoreUnknown) continue;
      throw badQuery(name, say("UNKNOWN_PARAMETER", { name }));
    }
    refuseForeign(route, path, name);
    const key = nameOf(path);
    const parameter = parameters.get(key) ?? { path, field: leafOf(path), spellings: new Map() };
    parameters.set(key, parameter);
    const values = parameter.spellings.get(name) ?? [];
    values.push(value);
    parameter.spellings.set(name, values);
  }
  for (const parameter of parameters.values()) write(message, parameter, reader);
}

function resolve({ method, json }: Route, name: string): FieldPath | undefined {
  const steps = name.split(".");
  if (steps.length > maxSteps) throw badQuery(name, say("TOO_MANY_STEPS", { max: maxSteps }));
  const path: DescField[] = [];
  let message: DescMessage | undefined = method.input;
  for (const step of steps) {
    const field: DescField | undefined = message === undefined ? undefined : fieldNamed(message, step);
    if (field === undefined || json.isWireOnly(field)) return undefined;
    path.push(field);
    message = field.fieldKind === "message" && !isWellKnown(field.message) ? field.message : undefined;
  }
  return path;
}

function refuseForeign(route: Route, path: FieldPath, name: string): void {
  if (route.body.kind === "message") throw badQuery(name, say("IN_BODY", { name }));
  if (route.body.kind === "field" && route.body.field === path[0]) throw badQuery(name, say("IN_BODY", { name }));
  if (route.path.some((bound) => path.every((field, i) => bound.field[i] === field))) {
    throw badQuery(name, say("IN_PATH", { name }));
  }
}

function write(message: ReflectMessage, { path, field, spellings }: Parameter, reader: JsonReader): void {
  const [name = "", values = []] = spellings.entries().next().value ?? [];
  for (const [other, otherValues] of spellings) {
    if (otherValues.length === values.length && otherValues.every((v, i) => v === values[i])) continue;
    throw badQuery(other, say("DIFFERENT_SPELLINGS", { name, other }));
  }
  const sibling = occupiedOneof(message, path);
  if (sibling !== undefined) throw badQuery(name, say("ONE_OF", { chosen: sibling.jsonName, field: name }));
  const holder = holderOf(message, path);
  if (field.fieldKind === "list") {
    const list = holder.get(field);
    for (const value of values) list.add(parse(name, field, value, reader));
    return;
  }
  const [value, ...more] = values;
  if (value === undefined || more.length > 0) throw badQuery(name, say("REPEATED_PARAMETER", { name }));
  holder.set(field, parse(name, field, value, reader));
}

function parse(name: string, field: DescField, text: string, reader: JsonReader): unknown {
  const type = valueTypeOf(field, reader.form);
  if (field.fieldKind === "map") throw badQuery(name, say("MAP_PARAMETER", { name }));
  if (type.kind === "message" && !isWellKnown(type.message)) {
    throw badQuery(name, say("MESSAGE_PARAMETER", { name }));
  }
  try {
    if (type.kind !== "message") return valueFromText(type, text);
    return reflect(type.message, reader.message(type.message, jsonOf(type.message, text)));
  } catch (cause) {
    throw badQuery(name, textOfFault(wrongType(type)), cause);
  }
}

/**
 * Well-known types are written as in ProtoJSON without quotes; those that contain any JSON, as JSON. The names in a field mask may be proto
 * names, like the names of parameters.
 */
function jsonOf(message: DescMessage, text: string): Json {
  if (message.name === "FieldMask")
    return text.replace(/(?<=[a-z0-9])_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (message.name === "BoolValue") return booleanOf(text);
  const holdsJson = ["Struct", "Value", "ListValue", "Any"].includes(message.name);
  return holdsJson ? parseStrictJson(Buffer.from(text)) : text;
}

/** The most parameters a query may have. */
const maxParameters = 1000;

/** Splits a raw query into decoded names and values, in order. @throws HttpError 400 for malformed escapes */
export function parseQuery(raw: string): [name: string, value: string][] {
  if (raw === "") return [];
  const pieces = raw.split("&").filter((piece) => piece !== "");
  if (pieces.length > maxParameters) throw badQuery("", say("TOO_MANY_PARAMETERS", { max: maxParameters }));
  return pieces.map((piece) => {
    const equals = piece.indexOf("=");
    const [name, value] = equals === -1 ? [piece, ""] : [piece.slice(0, equals), piece.slice(equals + 1)];
    return [decodeStrictly(name.replaceAll("+", "%20")), decodeStrictly(value.replaceAll("+", "%20"))];
  });
}
