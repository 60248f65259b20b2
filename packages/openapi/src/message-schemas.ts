import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import type { JsonForm } from "@kontor/proto-json";
import type { Comments } from "./comments.ts";
import { type Ruled, ruled } from "./rule-schemas.ts";
import { defined, type Schema } from "./schema.ts";
import { scalarSchema, wellKnownSchema } from "./value-schemas.ts";

/** Whether a schema describes requests, with the rules of the contract, or responses. */
type Direction = "request" | "response";

/** The schemas of all messages and enums that the document has named so far. */
export interface Schemas {
  /** Returns the schema of a field. */
  of(field: DescField, direction: Direction): Schema;
  /** Returns the schema of a message: a reference, or the schema itself for types with a special JSON form. */
  message(message: DescMessage, direction: Direction): Schema;
  /** Returns the object of some fields of a message. */
  object(message: DescMessage, fields: readonly DescField[], direction: Direction): Schema;
  /** Returns the named schemas, sorted by name. */
  components(): Readonly<Record<string, Schema>>;
}

const unruled: Ruled = { field: {}, item: {}, required: false, notes: [] };

/** Creates an empty set of schemas. */
export function createSchemas(form: JsonForm, comments: Comments): Schemas {
  const named = new Map<string, Schema>();

  function message(desc: DescMessage, direction: Direction): Schema {
    const wellKnown = wellKnownSchema(desc);
    if (wellKnown) return wellKnown;
    if (desc.typeName === "google.api.HttpBody") return { type: "string", contentEncoding: "binary" };
    // Requests have rules, so the same message is another schema there.
    const name = direction === "request" ? `${desc.typeName}.Input` : desc.typeName;
    if (!named.has(name)) {
      named.set(name, {}); // A message can contain itself.
      named.set(name, {
        ...defined({ title: desc.name, description: comments[desc.typeName] }),
        ...object(desc, desc.fields, direction),
      });
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function object(desc: DescMessage, fields: readonly DescField[], direction: Direction): Schema {
    const shown = fields.filter((field) => !form.isWireOnly(field));
    const required = shown.filter((field) => isRequired(field, direction)).map(({ jsonName }) => jsonName);
    const chosen = desc.oneofs.filter(({ fields: members }) => members.some((member) => shown.includes(member)));
    return {
      type: "object",
      properties: Object.fromEntries(shown.map((field) => [field.jsonName, of(field, direction)])),
      ...(required.length > 0 && { required }),
      ...(direction === "request" && { additionalProperties: false }),
      ...(chosen.length > 0 && { allOf: chosen.map(({ fields: members }) => atMostOne(members)) }),
    };
  }

  /** Responses contain all fields without presence, so those are always there. */
  function isRequired(field: DescField, direction: Direction): boolean {
    if (direction === "request")
      return field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED || ruled(field).required;
    if (field.presence !== FeatureSet_FieldPresence.IMPLICIT) return false;
    return field.fieldKind !== "enum" || form.namesOf(field.enum)?.unset === undefined;
  }

  function of(field: DescField, direction: Direction): Schema {
    const rules = direction === "request" ? ruled(field) : unruled;
    const value = withKeywords(
      valueSchema(field, direction),
      field.fieldKind === "list" || field.fieldKind === "map" ? rules.item : rules.field,
    );
    const comment = [comments[`${field.parent.typeName}.${field.name}`], ...rules.notes].filter(Boolean).join("\n\n");
    const facts = defined({
      description: comment || undefined,
      deprecated: field.proto.options?.deprecated || undefined,
    });
    if (field.fieldKind === "list") return { type: "array", items: value, ...rules.field, ...facts };
    if (field.fieldKind === "map")
      return { type: "object", additionalProperties: value, ...keysOf(field.mapKey), ...rules.field, ...facts };
    return { ...value, ...facts };
  }

  function valueSchema(field: DescField, direction: Direction): Schema {
    if (field.message) return message(field.message, direction);
    if (field.enum) return enumSchema(field.enum);
    return scalarSchema(field.scalar ?? ScalarType.STRING, form.isNumber(field));
  }

  function enumSchema(desc: DescEnum): Schema {
    if (desc.typeName === "google.protobuf.NullValue") return { type: "null" };
    if (!named.has(desc.typeName)) {
      const names = form.namesOf(desc);
      const values = names ? [...names.ofNumber.values()] : [...new Set(desc.values.map(({ name }) => name))];
      named.set(desc.typeName, {
        ...defined({ title: desc.name, description: enumText(desc, names?.ofNumber) }),
        type: "string",
        enum: values,
      });
    }
    return { $ref: `#/components/schemas/${desc.typeName}` };
  }

  function enumText(desc: DescEnum, names: ReadonlyMap<number, string> | undefined): string | undefined {
    const lines = desc.values.flatMap(({ name, number }) => {
      const shown = names ? names.get(number) : name;
      const text = comments[`${desc.typeName}.${name}`];
      return shown && text ? [`- \`${shown}\`: ${text.replaceAll("\n", " ")}`] : [];
    });
    const text = [comments[desc.typeName], lines.join("\n")].filter(Boolean).join("\n\n");
    return text || undefined;
  }

  return {
    of,
    message,
    object,
    components: () => Object.fromEntries([...named].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Keywords apply next to a reference, too. Generators overlook them there, so they are joined by `allOf`. */
function withKeywords(schema: Schema, keywords: Schema): Schema {
  if (Object.keys(keywords).length === 0) return schema;
  return "$ref" in schema ? { allOf: [schema, keywords] } : { ...schema, ...keywords };
}

function atMostOne(members: readonly DescField[]): Schema {
  const pairs = members.flatMap((a, i) => members.slice(i + 1).map((b) => ({ required: [a.jsonName, b.jsonName] })));
  return pairs.length === 0 ? {} : { not: { anyOf: pairs } };
}

function keysOf(key: ScalarType): Schema {
  if (key === ScalarType.STRING) return {};
  return { propertyNames: key === ScalarType.BOOL ? { enum: ["true", "false"] } : { pattern: "^-?[0-9]+$" } };
}
