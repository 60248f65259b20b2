import type { Database } from "@kontor/postgres";
import { searchTextOf } from "../domain/user-search.ts";
import { statement } from "../gen/statements.ts";

const BATCH = 1_000;
/** Of several replicas one sets texts at a time. */
const LOCK = statement("search_texts.lock", "SELECT pg_advisory_xact_lock(hashtext('users.search_texts'))");
const NEXT = statement(
  "search_texts.next",
  `SELECT id, display_name AS "displayName", email FROM users
  WHERE search_text IS NULL AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT ${BATCH}`,
);
const SET = statement(
  "search_texts.set",
  `UPDATE users u SET search_text = t.text
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS t (id, name, text)
  WHERE u.id = t.id AND u.display_name = t.name AND u.search_text IS NULL`,
);

/** Computes the searched texts of accounts without one. */
export async function setSearchTexts(db: Database): Promise<void> {
  const batch = (after: string | undefined) =>
    db.transaction(async (tx) => {
      await tx.query(LOCK);
      const rows = await tx.query(NEXT, [after ?? null]);
      const values = [
        rows.map(({ id }) => id),
        rows.map(({ displayName }) => displayName),
        rows.map(searchTextOf),
      ] as const;
      if (rows.length > 0) await tx.query(SET, values);
      return rows.at(-1)?.id;
    });
  for (let after = await batch(undefined); after !== undefined; ) after = await batch(after);
}
