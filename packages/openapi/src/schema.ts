/** A schema of JSON Schema 2020-12, as OpenAPI 3.1 uses it. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

/** An object of the document. */
export type Node = Readonly<Record<string, unknown>>;

/** Returns an object without the members that are undefined. */
export function defined(members: Readonly<Record<string, unknown>>): Node {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
