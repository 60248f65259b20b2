import type { Catalog } from "./catalog.ts";

/** Returns the TypeScript type that `@kontor/postgres` returns for a type of PostgreSQL. */
export const ROW_TYPES: Readonly<Record<string, string>> = {
  bool: "boolean",
  bytea: "Buffer",
  date: "string",
  float4: "number",
  float8: "number",
  int2: "number",
  int4: "number",
  int8: "bigint",
  json: "unknown",
  jsonb: "unknown",
  name: "string",
  numeric: "string",
  oid: "number",
  text: "string",
  timestamp: "Date",
  timestamptz: "Date",
  uuid: "string",
  varchar: "string",
  void: "string", // Always empty.
};

/** The TypeScript type of a parameter, where it differs. */
const PARAMETER_TYPES: Readonly<Record<string, string>> = {
  bytea: "Uint8Array",
  int8: "bigint | number",
  interval: "string",
  json: "JsonParameter",
  jsonb: "JsonParameter",
  numeric: "bigint | number | string",
};

/** Returns the TypeScript type of a value in a row, without null. Throws if the driver's value for it is not known. */
export function rowType(catalog: Catalog, oid: number): string {
  const { name, element } = typeOf(catalog, oid);
  if (isArray(name)) return arrayOf(rowType(catalog, element));
  const type = ROW_TYPES[name];
  if (type === undefined) throw new Error(`A result has the type ${name}. Cast it to a type such as text or float8.`);
  return type;
}

/** Returns the TypeScript type of a parameter, without null. Elements of arrays may be null. */
export function parameterType(catalog: Catalog, oid: number): string {
  const { name, element } = typeOf(catalog, oid);
  if (isArray(name)) return `readonly (${parameterType(catalog, element)} | null)[]`;
  const type = PARAMETER_TYPES[name] ?? ROW_TYPES[name];
  if (type === undefined)
    throw new Error(`A parameter has the type ${name}. Cast it to a type such as text or float8.`);
  return type;
}

// Other types have elements too: a point has two numbers.
const isArray = (name: string): boolean => name.startsWith("_");

const arrayOf = (type: string): string => (/^\w+$/.test(type) ? `${type}[]` : `(${type})[]`);

function typeOf({ types }: Catalog, oid: number) {
  const type = types.get(oid);
  if (type === undefined) throw new Error(`PostgreSQL has no type with the oid ${oid}.`);
  return type;
}
