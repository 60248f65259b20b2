import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  getExtension,
  type JsonValue,
  type Message,
  type Registry,
  ScalarType,
  setExtension,
  toBinary,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { AnySchema, FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { fieldNamed, isWellKnown, isWrapper } from "./fields.ts";
import { JsonError, misfit } from "./json-error.ts";
import { type JsonForm, protoJson } from "./json-form.ts";
import { readPlainMessage } from "./plain-message.ts";
import { type ScalarValue, scalarFromJson, valueFromJson } from "./scalar.ts";
import { ExactNumber, isJsonObject, type Json, type JsonObject, pointerTo } from "./strict-json.ts";
import { type ValueType, valueTypeOf, wrongType } from "./value-type.ts";

/** Reads ProtoJSON into messages of any type, strictly, and reports the place of a fault in the body. */
export class JsonReader {
  readonly #registry: Registry;
  readonly form: JsonForm;

  constructor(registry: Registry, form: JsonForm = protoJson) {
    this.#registry = registry;
    this.form = form;
  }

  /** Reads one message. @throws JsonError with pointers */
  message(desc: DescMessage, json: Json, pointer = ""): Message {
    if (json === null && desc.typeName !== "google.protobuf.Value") throw misfit(pointer, "NULL");
    if (isWellKnown(desc)) return this.#wellKnown(desc, json, pointer);
    const plain = pointer === "" ? readPlainMessage(desc, json, this.form) : undefined;
    if (plain !== undefined) return plain;
    const message = create(desc);
    this.#into(reflect(desc, message), json, pointer);
    return message;
  }

  /** Reads one field of a message as the whole of the JSON value. Null leaves the field unset. @throws JsonError */
  field(target: ReflectMessage, field: DescField, json: Json, pointer = ""): void {
    if (json === null && !keepsNull(field)) return;
    switch (field.fieldKind) {
      case "list":
        this.#list(target, field, json, pointer);
        break;
      case "map":
        this.#map(target, field, json, pointer);
        break;
      default:
        target.set(field, this.#value(valueTypeOf(field, this.form), json, pointer));
    }
  }

  #into(target: ReflectMessage, json: Json, pointer: string): void {
    if (!isJsonObject(json)) throw misfit(pointer, "WRONG_TYPE", { expected: "object" });
    const seen = new Set<DescField>();
    for (const [key, value] of Object.entries(json)) {
      const at = pointerTo(pointer, key);
      const field = fieldNamed(target.desc, key);
      if (field === undefined && this.#extension(target, key, value, at)) continue;
      if (field === undefined || this.form.isWireOnly(field))
        throw misfit(at, "UNKNOWN_FIELD", { message: target.desc.name, field: key });
      if (seen.has(field)) throw misfit(at, "TWO_NAMES");
      seen.add(field);
      if (field.oneof !== undefined && (value !== null || keepsNull(field))) {
        const chosen = target.oneofCase(field.oneof);
        if (chosen !== undefined) throw misfit(at, "ONE_OF", { chosen: chosen.jsonName, field: field.jsonName });
      }
      this.field(target, field, value, at);
    }
  }

  #list(target: ReflectMessage, field: DescField & { fieldKind: "list" }, json: Json, pointer: string): void {
    if (!Array.isArray(json)) throw misfit(pointer, "WRONG_TYPE", { expected: "array" });
    const list = target.get(field);
    const type = valueTypeOf(field, this.form);
    for (const [i, item] of (json as readonly Json[]).entries()) {
      list.add(this.#value(type, item, pointerTo(pointer, i)));
    }
  }

  #map(target: ReflectMessage, field: DescField & { fieldKind: "map" }, json: Json, pointer: string): void {
    if (!isJsonObject(json)) throw misfit(pointer, "WRONG_TYPE", { expected: "object" });
    const map = target.get(field);
    const type = valueTypeOf(field, this.form);
    for (const [text, item] of Object.entries(json)) {
      const at = pointerTo(pointer, text);
      const key = convert(at, { kind: "scalar", scalar: field.mapKey, isSafe: false }, () =>
        mapKey(field.mapKey, text),
      );
      if (map.has(key)) throw misfit(at, "DUPLICATE");
      map.set(key, this.#value(type, item, at));
    }
  }

  #value(type: ValueType, json: Json, pointer: string): unknown {
    if (type.kind !== "message") return convert(pointer, type, () => valueFromJson(type, json));
    return reflect(type.message, this.message(type.message, json, pointer));
  }

  /** Reads an extension, which ProtoJSON writes as `[full.name]`. Whether there is one. */
  #extension(target: ReflectMessage, key: string, json: Json, pointer: string): boolean {
    const extension = this.#registry.getExtension(/^\[([\w.]+)\]$/.exec(key)?.[1] ?? "");
    if (extension?.extendee.typeName !== target.desc.typeName) return false;
    if (json === null) return true;
    const read = convert(pointer, undefined, () =>
      fromJson(target.desc, { [key]: plainOf(json, true) }, { registry: this.#registry }),
    );
    setExtension(target.message, extension, getExtension(read, extension));
    return true;
  }

  #wellKnown(desc: DescMessage, json: Json, pointer: string): Message {
    if (desc.typeName === AnySchema.typeName) return this.#any(json, pointer);
    if (desc.typeName === FieldMaskSchema.typeName && json === "") return create(desc);
    return convert(pointer, { kind: "message", message: desc }, () => {
      const wrapped = isWrapper(desc) ? desc.fields[0] : undefined;
      if (wrapped !== undefined) {
        const wrapper = create(desc);
        reflect(desc, wrapper).set(wrapped, valueFromJson(valueTypeOf(wrapped), json));
        return wrapper;
      }
      if (desc.name === "Timestamp") requireDate(json);
      return fromJson(desc, plainOf(json), { registry: this.#registry });
    });
  }

  /** Reads an Any as strictly as the message in it. */
  #any(json: Json, pointer: string): Message {
    if (!isJsonObject(json)) throw misfit(pointer, "WRONG_TYPE", { expected: "object" });
    const { "@type": typeUrl, ...rest } = json;
    if (typeUrl === undefined && Object.keys(rest).length === 0) return create(AnySchema);
    const at = pointerTo(pointer, "@type");
    const [, name] = (typeof typeUrl === "string" && /^[^\s]*\/([\w.]+)$/.exec(typeUrl)) || [];
    const desc = name === undefined ? undefined : this.#registry.getMessage(name);
    if (typeof typeUrl !== "string" || desc === undefined) throw misfit(at, "UNKNOWN_TYPE");
    const message = isWellKnown(desc) ? this.#inValue(desc, rest, pointer) : this.message(desc, rest, pointer);
    return create(AnySchema, { typeUrl, value: toBinary(desc, message) });
  }

  #inValue(desc: DescMessage, { value, ...rest }: JsonObject, pointer: string): Message {
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) throw misfit(pointerTo(pointer, unknown), "ONLY_VALUE_IN_ANY", { message: desc.name });
    if (value === undefined) throw misfit(pointer, "VALUE_IN_ANY", { message: desc.name });
    return this.message(desc, value, pointerTo(pointer, "value"));
  }
}

function keepsNull(field: DescField): boolean {
  if (field.fieldKind === "message") return field.message.typeName === "google.protobuf.Value";
  return field.fieldKind === "enum" && field.enum.typeName === "google.protobuf.NullValue";
}

function mapKey(type: ScalarType, text: string): ScalarValue {
  if (type === ScalarType.STRING) return text;
  if (type === ScalarType.BOOL) {
    if (text !== "true" && text !== "false") throw new Error("not a boolean");
    return text === "true";
  }
  return scalarFromJson(type, text);
}

/** Returns JSON as the library takes it. Exact numbers are rounded, as they would be in `Struct`, unless their text is taken, too. */
function plainOf(json: Json, keepsText = false): JsonValue {
  if (json instanceof ExactNumber) {
    if (keepsText) return json.text;
    if (!Number.isFinite(Number(json.text))) throw new Error("the number is too large");
    return Number(json.text);
  }
  if (Array.isArray(json)) return (json as readonly Json[]).map((item) => plainOf(item, keepsText));
  if (!isJsonObject(json)) return json as JsonValue;
  const plain: Record<string, JsonValue> = Object.create(null);
  for (const [key, value] of Object.entries(json)) plain[key] = plainOf(value, keepsText);
  return plain;
}

/** Refuses days and hours that no calendar has, which the library would carry over to the next. */
function requireDate(json: Json): void {
  const text = typeof json === "string" ? json : "";
  const [year = 0, month = 0, day = 0, hour = 0] = text.slice(0, 13).split(/[-T]/).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCDate() !== day || date.getUTCMonth() !== month - 1 || hour > 23)
    throw new Error("there is no such time");
}

/** Replaces errors of the library, which remain in the cause, by the expected type. */
function convert<T>(pointer: string, type: ValueType | undefined, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof JsonError) throw cause;
    throw new JsonError(wrongType(type), pointer, { cause });
  }
}
