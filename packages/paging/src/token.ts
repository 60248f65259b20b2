import { createHash } from "node:crypto";

type Value = string | number | bigint | boolean | Date | null | undefined;

/** The values that decide the items of a list and their order. Absent and empty values are equal. */
export type Filters = Readonly<Record<string, Value | readonly Value[]>>;

/** The list, filters and owner of a token. */
interface Scope<C extends string> {
  readonly list: string;
  readonly filters: Filters;
  readonly cursor: Readonly<Record<C, RegExp>>;
}

const HASH_BYTES = 12;

/**
 * Encodes a cursor: a hash of list, filters and cursor, then the cursor. The hash prevents that a token is used with another query by
 * mistake. It is no secret and grants nothing: each page checks the caller's rights and the form of the cursor.
 */
export function createToken<C extends string>(
  cursor: Readonly<Record<C, string | bigint | number>>,
  scope: Scope<C>,
): string {
  const parts = Object.keys(scope.cursor).map((name) => String(cursor[name as C]));
  const text = JSON.stringify(parts);
  return Buffer.concat([hashOf(text, scope), Buffer.from(text)]).toString("base64url");
}

/** Returns the cursor of a token, undefined unless `createToken` made it for the same list and filters. */
export function readToken<C extends string>(token: string, scope: Scope<C>): Readonly<Record<C, string>> | undefined {
  const bytes = Buffer.from(token, "base64url");
  const text = bytes.subarray(HASH_BYTES).toString();
  if (bytes.toString("base64url") !== token || !bytes.subarray(0, HASH_BYTES).equals(hashOf(text, scope)))
    return undefined;
  const parts = partsOf(text);
  const names = Object.keys(scope.cursor) as C[];
  const fits =
    parts.length === names.length && names.every((name, index) => fitsWhole(scope.cursor[name], parts[index]));
  return fits ? (Object.fromEntries(names.map((name, index) => [name, parts[index]])) as Record<C, string>) : undefined;
}

function hashOf(cursor: string, { list, filters }: Scope<string>): Buffer {
  const given = Object.entries(filters)
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const canonical = JSON.stringify([list, given, cursor], (_, value) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
  return createHash("sha256").update(canonical).digest().subarray(0, HASH_BYTES);
}

function partsOf(text: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

function fitsWhole(pattern: RegExp, part: unknown): boolean {
  return typeof part === "string" && pattern.exec(part)?.[0] === part;
}
