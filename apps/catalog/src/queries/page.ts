import { check, demand } from "../domain/checks.ts";

export type PageRequest = { readonly pageSize: number; readonly pageToken: string };

const DEFAULT_SIZE = 20;
const MAX_SIZE = 100;

/** How many are wanted, and the cursor in the token if there is one. A token must be the encoding of a cursor. */
export function readPage({ pageSize, pageToken }: PageRequest, cursor: RegExp): { size: number; at?: string[] } {
  const match = cursor.exec(Buffer.from(pageToken, "base64url").toString());
  demand(
    check(pageSize >= 0 && pageSize <= MAX_SIZE, "pageSize", `Must be 1 to ${MAX_SIZE}, or 0 for ${DEFAULT_SIZE}.`),
    check(
      pageToken === "" || (match !== null && tokenOf(match[0]) === pageToken),
      "pageToken",
      "Must be the nextPageToken of the page before, asked for in the same order.",
    ),
  );
  return { size: pageSize || DEFAULT_SIZE, ...(match && pageToken !== "" && { at: match.slice(1) }) };
}

/** A page of what was found, when one more than fits was asked for, and where the next one starts. */
export function pageOf<T>(found: readonly T[], size: number, cursor: (last: T) => string) {
  const items = found.slice(0, size);
  const last = items.at(-1);
  return { items, nextPageToken: found.length > size && last !== undefined ? tokenOf(cursor(last)) : "" };
}

function tokenOf(cursor: string): string {
  return Buffer.from(cursor).toString("base64url");
}
