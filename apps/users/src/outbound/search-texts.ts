import type { Database } from "@kontor/postgres";
import { searchTextOf } from "../domain/user-search.ts";

const BATCH = 1_000;
/** Of several replicas one sets texts at a time. */
const LOCK = "SELECT pg_advisory_xact_lock(hashtext('users.search_texts'))";
const NEXT = `
  SELECT id, display_name AS "displayName", email FROM users
  WHERE search_text IS NULL AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT ${BATCH}`;
const SET = `
  UPDATE users u SET search_text = t.text
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS t (id, name, text)
  WHERE u.id = t.id AND u.display_name = t.name AND u.search_text IS NULL`;

type Row = { readonly id: string; readonly displayName: string; readonly email: string };

/** Gives accounts what staff search them by, if they have none. */
export async function setSearchTexts(db: Database): Promise<void> {
  const batch = (after: string | undefined) =>
    db.transaction(async (tx) => {
      await tx.query(LOCK, [], { name: "search_texts.lock" });
      const rows = await tx.query<Row>(NEXT, [after], { name: "search_texts.next" });
      const values = [rows.map(({ id }) => id), rows.map(({ displayName }) => displayName), rows.map(searchTextOf)];
      if (rows.length > 0) await tx.query(SET, values, { name: "search_texts.set" });
      return rows.at(-1)?.id;
    });
  for (let after = await batch(undefined); after !== undefined; ) after = await batch(after);
}
