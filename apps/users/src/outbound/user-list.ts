import { conditions } from "@kontor/postgres";
import type { UserFilter } from "../domain/user-search.ts";
import { statement } from "../gen/statements.ts";
import { USER } from "./user-row.ts";

/** Ids are UUIDs of version 7: their order is that in which the accounts were made. */
const ORDERS = {
  newest: { key: "u.id", direction: "DESC", beyond: "<" },
  oldest: { key: "u.id", direction: "ASC", beyond: ">" },
  email: { key: "lower(u.email)", direction: "ASC", beyond: ">" },
} as const;

/** Accounts by pods of the previous version have no text for a time. */
const SEARCHED = "coalesce(u.search_text, lower(u.display_name || E'\\n' || u.email))";

interface Page {
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Lists a page of the accounts that a filter describes. */
export const listStatement = statement.dynamic("users.list", build, [
  [
    { words: [["a"]], sort: "newest" },
    { after: "00000000-0000-0000-0000-000000000000", limit: 1 },
  ],
  [{ words: [], sort: "email" }, { limit: 1 }],
]);

function build({ words, sort }: UserFilter, { after, limit }: Page) {
  const found = conditions();
  for (const spellings of words)
    found.where(spellings.map(containing), (patterns) => `${SEARCHED} LIKE ANY (${patterns}::text[])`);
  const { key, direction, beyond } = ORDERS[sort];
  found.where(after, (id) => `${key} ${beyond} (SELECT ${key} FROM users u WHERE u.id = ${id})`);
  const most = found.parameter(limit);
  const text = `SELECT ${USER} FROM users u WHERE ${found} ORDER BY ${key} ${direction} LIMIT ${most}`;
  return { text, values: found.values };
}

function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}
