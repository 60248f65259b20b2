import type { Schema } from "@kontor/openapi";
import { comment } from "./comment.ts";
import { keyText } from "./names.ts";

const REFERENCE = "#/components/schemas/";

/** Returns the declaration of a named schema. `required` overrides which fields of a request must be set. */
export function declaration(
  name: string,
  schema: Schema,
  names: ReadonlyMap<string, string>,
  required: readonly string[] = textsIn(schema.required),
): string {
  const text = comment(textIn(schema.description));
  if (schema.type !== "object") return `${text}export type ${name} = ${typeOf(schema, names)};\n`;
  const members = Object.entries(schema.properties ?? {}).map(([field, value]: [string, Schema]) => {
    const mark = required.includes(field) ? "" : "?";
    const deprecated = value.deprecated ? "\n\n@deprecated" : "";
    const facts = comment(`${textIn(value.description) ?? ""}${deprecated}`.trim(), "  ");
    return `${facts}  readonly ${keyText(field)}${mark}: ${typeOf(value, names)};\n`;
  });
  return `${text}export interface ${name} {\n${members.join("")}}\n`;
}

/** Returns the type of what a schema describes. */
export function typeOf(schema: Schema, names: ReadonlyMap<string, string>): string {
  const { $ref: reference, allOf, anyOf, enum: values, type, items, contentEncoding } = schema;
  if (typeof reference === "string") return names.get(reference.slice(REFERENCE.length)) ?? "unknown";
  const [first] = schemasIn(allOf).filter((each) => "$ref" in each);
  if (first) return typeOf(first, names);
  if (Array.isArray(anyOf)) return [...new Set(schemasIn(anyOf).map((each) => typeOf(each, names)))].join(" | ");
  if (Array.isArray(values))
    return isCodeList(values) ? "string" : values.map((value) => JSON.stringify(value)).join(" | ");
  if (contentEncoding === "binary") return "Blob";
  if (type === "array") return `readonly ${inBrackets(typeOf(schemasIn([items])[0] ?? {}, names))}[]`;
  if (type === "object") return recordOf(schema, names);
  if (type === "integer") return "number";
  return type === "string" || type === "number" || type === "boolean" || type === "null" ? type : "unknown";
}

/** Returns whether an enum lists codes of a standard, which are too many for a type that people read. */
function isCodeList(values: readonly unknown[]): boolean {
  return values.length > 60;
}

function recordOf({ properties, additionalProperties }: Schema, names: ReadonlyMap<string, string>): string {
  const own = Object.entries(properties ?? {}).map(
    ([field, value]: [string, Schema]) => `readonly ${keyText(field)}?: ${typeOf(value, names)}`,
  );
  if (own.length > 0) return `{ ${own.join("; ")}; readonly [key: string]: unknown }`;
  const [value] = schemasIn([additionalProperties]);
  return `{ readonly [key: string]: ${value ? typeOf(value, names) : "unknown"} }`;
}

function inBrackets(type: string): string {
  return type.includes(" ") && !type.startsWith("{") ? `(${type})` : type;
}

function schemasIn(value: unknown): Schema[] {
  return Array.isArray(value) ? value.filter((each): each is Schema => typeof each === "object" && each !== null) : [];
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
