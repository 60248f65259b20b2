import type { DescField, DescMessage } from "@bufbuild/protobuf";

/** Returns the field with this lowerCamelCase name, which is the one in responses, or else with this proto name. */
export function fieldNamed(message: DescMessage, name: string): DescField | undefined {
  const fields = named.get(message) ?? byName(message);
  return fields.get(name);
}

const named = new WeakMap<DescMessage, ReadonlyMap<string, DescField>>();

function byName(message: DescMessage): ReadonlyMap<string, DescField> {
  const pairs = (key: "name" | "jsonName") => message.fields.toReversed().map((field) => [field[key], field] as const);
  const fields = new Map([...pairs("name"), ...pairs("jsonName")]);
  named.set(message, fields);
  return fields;
}

/** Returns whether ProtoJSON has a special form for the message, so that its fields have no names in JSON. */
export function isWellKnown(message: DescMessage): boolean {
  return message.file.proto.package === "google.protobuf" && wellKnown.has(message.name);
}

/** Returns whether the message is one of `google/protobuf/wrappers.proto`, which ProtoJSON writes as the value in it. */
export function isWrapper(message: DescMessage): boolean {
  return message.file.proto.package === "google.protobuf" && wrappers.has(message.name);
}

const wrappers = new Set([
  ...["BoolValue", "BytesValue", "DoubleValue", "FloatValue", "Int32Value", "Int64Value", "StringValue"],
  ...["UInt32Value", "UInt64Value"],
]);
const wellKnown = new Set([
  ...["Any", "Duration", "FieldMask", "ListValue", "Struct", "Timestamp", "Value"],
  ...wrappers,
]);
