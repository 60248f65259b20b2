import type { DescField, DescMessage, JsonObject, JsonValue, Registry } from "@bufbuild/protobuf";
import { isWellKnown } from "./fields.ts";
import type { JsonForm } from "./json-form.ts";

/**
 * Turns ProtoJSON of a message into JSON of the form. Values are replaced; order and all else remain.
 *
 * @throws RangeError for an integer that a JSON number cannot carry exactly
 */
export function formJson(desc: DescMessage, json: JsonValue, form: JsonForm, registry: Registry): JsonValue {
  if (form.isPlain(desc) || !isObject(json)) return json;
  if (desc.typeName === "google.protobuf.Any") return anyJson(json, form, registry);
  if (isWellKnown(desc)) return json;
  const fields = new Map(desc.fields.map((field) => [field.jsonName, field]));
  const entries: [string, JsonValue][] = [];
  for (const [key, value] of Object.entries(json)) {
    const field = fields.get(key);
    const formed = field === undefined ? value : fieldJson(field, value, form, registry);
    if (formed !== undefined) entries.push([key, formed]);
  }
  return Object.fromEntries(entries);
}

function anyJson(json: JsonObject, form: JsonForm, registry: Registry): JsonValue {
  const { "@type": typeUrl, ...rest } = json;
  const desc =
    typeof typeUrl === "string" ? registry.getMessage(typeUrl.slice(typeUrl.lastIndexOf("/") + 1)) : undefined;
  if (typeUrl === undefined || desc === undefined || isWellKnown(desc)) return json;
  return { "@type": typeUrl, ...(formJson(desc, rest, form, registry) as JsonObject) };
}

/** Returns the JSON of a field; undefined for a field that JSON does not show. */
function fieldJson(field: DescField, json: JsonValue, form: JsonForm, registry: Registry): JsonValue | undefined {
  if (form.isWireOnly(field)) return undefined;
  const one = (value: JsonValue) => valueJson(field, value, form, registry);
  const isShown = (value: JsonValue | undefined): value is JsonValue => value !== undefined;
  if (field.fieldKind === "list" && Array.isArray(json)) return json.map(one).filter(isShown);
  if (field.fieldKind === "map" && isObject(json)) {
    const entries = Object.entries(json).map(([key, value]) => [key, one(value)] as const);
    return Object.fromEntries(entries.filter((entry): entry is [string, JsonValue] => isShown(entry[1])));
  }
  return one(json);
}

function valueJson(field: DescField, json: JsonValue, form: JsonForm, registry: Registry): JsonValue | undefined {
  if (field.message !== undefined) return formJson(field.message, json, form, registry);
  if (field.enum !== undefined) {
    const names = form.namesOf(field.enum);
    const number = typeof json === "string" ? names?.numberOf(json) : undefined;
    if (names === undefined || number === undefined) return json;
    return number === names.unset ? undefined : (names.ofNumber.get(number) ?? json);
  }
  if (!form.isNumber(field) || typeof json !== "string") return json;
  if (!Number.isSafeInteger(Number(json)))
    throw new RangeError(`${field} is ${json}, which a JSON number cannot carry.`);
  return Number(json);
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
