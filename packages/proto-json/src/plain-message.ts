import { create, type DescEnum, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import type { EnumNames } from "./enum-names.ts";
import { isWellKnown } from "./fields.ts";
import { type JsonForm, PerForm, protoJson } from "./json-form.ts";
import { isJsonObject } from "./strict-json.ts";

/** A message with its fields: oneofs as the case and its value, maps as objects. */
type Fields = Record<string, unknown>;

/** Writes a JSON value to a field; false when that takes more than there is here. */
type WriteField = (message: Fields, json: unknown) => boolean;

/** The value of a field; undefined if reading it needs the full reader. */
type Convert = (json: unknown) => unknown;

const plans = new PerForm<ReadonlyMap<string, WriteField>>();

/**
 * Reads the JSON that most clients send, by a plan that is created once for each type: fields under their JSON names, scalars that need no
 * conversion, enum values by name. Returns undefined for all other JSON, valid or not: then the full reader decides, which also reports
 * faults.
 */
export function readPlainMessage(desc: DescMessage, json: unknown, form: JsonForm = protoJson): Message | undefined {
  if (!isJsonObject(json) || isWellKnown(desc)) return undefined;
  const plan = planOf(desc, form);
  const message = create(desc);
  for (const name of Object.keys(json)) {
    const write = plan.get(name);
    if (write === undefined || !write(message as unknown as Fields, (json as Fields)[name])) return undefined;
  }
  return message;
}

function planOf(desc: DescMessage, form: JsonForm): ReadonlyMap<string, WriteField> {
  const known = plans.of(form);
  let plan = known.get(desc);
  if (plan === undefined) {
    const shown = desc.fields.filter((field) => !form.isWireOnly(field));
    const byName = Map.groupBy(shown, ({ jsonName }) => jsonName);
    const unique = [...byName].filter(
      ([name, fields]) => fields.length === 1 && !desc.fields.some((f) => f.name === name && f.jsonName !== name),
    );
    plan = new Map(unique.flatMap(([name, [field]]) => (field === undefined ? [] : [[name, writeTo(field, form)]])));
    known.set(desc, plan);
  }
  return plan;
}

function writeTo(field: DescField, form: JsonForm): WriteField {
  const { localName } = field;
  const convert = converterOf(field, form);
  if (convert === undefined) return () => false;
  if (field.fieldKind === "list") return writeList(localName, convert);
  if (field.fieldKind === "map") return field.mapKey === ScalarType.STRING ? writeMap(localName, convert) : () => false;
  if (field.oneof !== undefined) return writeOneof(field.oneof.localName, localName, convert);
  return (message, json) => {
    if (json === null) return true;
    const value = convert(json);
    if (value === undefined) return false;
    message[localName] = value;
    return true;
  };
}

function writeOneof(oneofName: string, localName: string, convert: Convert): WriteField {
  return (message, json) => {
    if (json === null) return true;
    const value = convert(json);
    if (value === undefined || (message[oneofName] as { case?: string }).case !== undefined) return false;
    message[oneofName] = { case: localName, value };
    return true;
  };
}

function writeList(localName: string, convert: Convert): WriteField {
  return (message, json) => {
    if (json === null) return true;
    if (!Array.isArray(json)) return false;
    const list = message[localName] as unknown[];
    for (const item of json) {
      const value = convert(item);
      if (value === undefined) return false;
      list.push(value);
    }
    return true;
  };
}

function writeMap(localName: string, convert: Convert): WriteField {
  return (message, json) => {
    if (json === null) return true;
    if (!isJsonObject(json)) return false;
    const map = message[localName] as Fields;
    for (const key of Object.keys(json)) {
      const value = convert((json as Fields)[key]);
      if (value === undefined || key === "__proto__") return false;
      map[key] = value;
    }
    return true;
  };
}

function converterOf(field: DescField, form: JsonForm): Convert | undefined {
  const { message } = field;
  if (message !== undefined) return isWellKnown(message) ? undefined : (json) => readPlainMessage(message, json, form);
  if (field.enum !== undefined) return enumValue(field.enum, form.namesOf(field.enum));
  if ("longAsString" in field && field.longAsString) return undefined;
  const convert = scalars[field.scalar];
  return convert && form.isNumber(field) ? safe(convert) : convert;
}

/** Leaves integers that JavaScript would round to the reader of all of ProtoJSON, which refuses them. */
function safe(convert: Convert): Convert {
  return (json) => {
    const value = convert(json);
    return Number.isSafeInteger(Number(value)) ? value : undefined;
  };
}

function enumValue(desc: DescEnum, names: EnumNames | undefined): Convert | undefined {
  if (desc.typeName === "google.protobuf.NullValue") return undefined;
  if (names !== undefined) return (json) => (typeof json === "string" ? names.numberOf(json) : undefined);
  const numbers = new Map<unknown, number>(desc.values.toReversed().map(({ name, number }) => [name, number]));
  return (json) => numbers.get(json);
}

const int32: Convert = (json) => (isInteger(json) && json === (json | 0) ? json : undefined);
const uint32: Convert = (json) => (isInteger(json) && json === json >>> 0 ? json : undefined);
const double: Convert = (json) => (isInteger(json) ? json : undefined);
const int64: Convert = (json) => (isInteger(json) || isDigits(json) ? BigInt(json) : undefined);
const uint64: Convert = (json) => ((isInteger(json) && json >= 0) || isPositive(json) ? BigInt(json) : undefined);

const scalars: Readonly<Partial<Record<ScalarType, Convert>>> = {
  [ScalarType.STRING]: (json) => (typeof json === "string" ? json : undefined),
  [ScalarType.BOOL]: (json) => (typeof json === "boolean" ? json : undefined),
  [ScalarType.INT32]: int32,
  [ScalarType.SINT32]: int32,
  [ScalarType.SFIXED32]: int32,
  [ScalarType.UINT32]: uint32,
  [ScalarType.FIXED32]: uint32,
  [ScalarType.INT64]: int64,
  [ScalarType.SINT64]: int64,
  [ScalarType.SFIXED64]: int64,
  [ScalarType.UINT64]: uint64,
  [ScalarType.FIXED64]: uint64,
  [ScalarType.DOUBLE]: double,
};

function isInteger(json: unknown): json is number {
  return Number.isSafeInteger(json) && !Object.is(json, -0);
}

function isDigits(json: unknown): json is string {
  return typeof json === "string" && /^-?[1-9]\d{0,17}$|^0$/.test(json);
}

function isPositive(json: unknown): json is string {
  return isDigits(json) && !json.startsWith("-");
}
