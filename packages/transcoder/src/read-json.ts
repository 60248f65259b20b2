import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  type Registry,
  ScalarType,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { fieldNamed, isWellKnown } from "./field-path.ts";
import { badBody, HttpError } from "./http-error.ts";
import { type ScalarValue, scalarFromJson, valueFromJson } from "./scalar.ts";
import { ExactNumber, isJsonObject, type Json, pointerTo } from "./strict-json.ts";
import { type ValueType, valueTypeOf } from "./value-type.ts";

/** Reads ProtoJSON into messages of any type, strictly, and says where in the body something is wrong. */
export class JsonReader {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Reads one message. @throws HttpError 400 with pointers */
  message(desc: DescMessage, json: Json, pointer = ""): Message {
    if (json === null && desc.typeName !== "google.protobuf.Value") throw badBody(pointer, "Null is not allowed here.");
    if (isWellKnown(desc)) return this.#wellKnown(desc, json, pointer);
    const message = create(desc);
    this.#into(reflect(desc, message), json, pointer);
    return message;
  }

  /** Reads one field of a message as the whole of the JSON value. Null leaves the field unset. @throws HttpError 400 */
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
        target.set(field, this.#value(valueTypeOf(field), json, pointer));
    }
  }

  #into(target: ReflectMessage, json: Json, pointer: string): void {
    if (!isJsonObject(json)) throw badBody(pointer, `An object was expected for ${target.desc.name}.`);
    const seen = new Set<DescField>();
    for (const [key, value] of Object.entries(json)) {
      const at = pointerTo(pointer, key);
      const field = fieldNamed(target.desc, key);
      if (field === undefined) throw badBody(at, `${target.desc.name} has no field "${key}".`);
      if (seen.has(field)) throw badBody(at, `The field occurs under both of its names.`);
      seen.add(field);
      if (field.oneof !== undefined && (value !== null || keepsNull(field))) {
        const chosen = target.oneofCase(field.oneof);
        if (chosen !== undefined)
          throw badBody(at, `Only one of "${chosen.jsonName}" and "${field.jsonName}" may be set.`);
      }
      this.field(target, field, value, at);
    }
  }

  #list(target: ReflectMessage, field: DescField & { fieldKind: "list" }, json: Json, pointer: string): void {
    if (!Array.isArray(json)) throw badBody(pointer, "An array was expected.");
    const list = target.get(field);
    const type = valueTypeOf(field);
    for (const [i, item] of (json as readonly Json[]).entries()) {
      list.add(this.#value(type, item, pointerTo(pointer, i)));
    }
  }

  #map(target: ReflectMessage, field: DescField & { fieldKind: "map" }, json: Json, pointer: string): void {
    if (!isJsonObject(json)) throw badBody(pointer, "An object was expected.");
    const map = target.get(field);
    const type = valueTypeOf(field);
    for (const [text, item] of Object.entries(json)) {
      const at = pointerTo(pointer, text);
      const key = convert(at, () => mapKey(field.mapKey, text));
      if (map.has(key)) throw badBody(at, "The key occurs twice.");
      map.set(key, this.#value(type, item, at));
    }
  }

  #value(type: ValueType, json: Json, pointer: string): unknown {
    if (type.kind !== "message") return convert(pointer, () => valueFromJson(type, json));
    return reflect(type.message, this.message(type.message, json, pointer));
  }

  #wellKnown(desc: DescMessage, json: Json, pointer: string): Message {
    if (desc.typeName === FieldMaskSchema.typeName && json === "") return create(desc);
    return convert(pointer, () => fromJson(desc, plainOf(json, desc.name), { registry: this.#registry }));
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

/** JSON as the library takes it. Exact integers stay text where the target reads text, and are rounded in `Struct` and its kin. */
function plainOf(json: Json, target: string): JsonValue {
  if (json instanceof ExactNumber) {
    return target === "Any" || target.startsWith("Int") || target.startsWith("UInt") ? json.text : Number(json.text);
  }
  if (Array.isArray(json)) return (json as readonly Json[]).map((item) => plainOf(item, target));
  if (!isJsonObject(json)) return json as JsonValue;
  const plain: Record<string, JsonValue> = Object.create(null);
  for (const [key, value] of Object.entries(json)) plain[key] = plainOf(value, target);
  return plain;
}

function convert<T>(pointer: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof HttpError) throw cause;
    const detail = "The value does not fit the type of the field.";
    throw new HttpError(400, "INVALID_BODY", detail, { violations: [{ pointer, detail: reasonOf(cause) }], cause });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? `${cause.message}.`.replace(/\.\.$/, ".") : "not a value of the type";
}
