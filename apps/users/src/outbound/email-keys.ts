import type { Database } from "@kontor/postgres";
import { parseMailAddress } from "@kontor/text";
import { statement } from "../gen/statements.ts";

const BATCH = 1_000;
/** How many accounts without a key are returned. */
const REPORTED = 100;
/** Of several replicas one sets keys at a time. */
const LOCK = statement("email_keys.lock", "SELECT pg_advisory_xact_lock(hashtext('users.email_keys'))");
const NEXT = statement(
  "email_keys.next",
  "SELECT id, email FROM users WHERE email_key IS NULL AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2",
);
const SET = statement(
  "email_keys.set",
  `UPDATE users u SET email_key = k.key
  FROM (SELECT DISTINCT ON (key) * FROM unnest($1::uuid[], $2::text[]) AS k (id, key) ORDER BY key, id) k
  WHERE u.id = k.id AND NOT EXISTS (SELECT FROM users o WHERE o.email_key = k.key)`,
);

/**
 * Gives accounts that have none the key of their mail address: first those whose address has today's stored form, then the others, oldest
 * first. Changes nothing else and merges no accounts: of several accounts with one address one gets the key.
 *
 * @returns ids of up to 100 accounts that remain without a key
 */
export async function setEmailKeys(db: Database): Promise<readonly string[]> {
  const left = () => db.query(NEXT, [null, REPORTED]);
  if ((await left()).length === 0) return [];
  await setKeys(db, (email) => parseMailAddress(email)?.address.toLowerCase() === email.toLowerCase());
  await setKeys(db, () => true);
  return (await left()).map(({ id }) => id);
}

async function setKeys(db: Database, chosen: (email: string) => boolean): Promise<void> {
  const batch = (after: string | undefined) =>
    db.transaction(async (tx) => {
      await tx.query(LOCK);
      const rows = await tx.query(NEXT, [after ?? null, BATCH]);
      const keyed = rows.flatMap(({ id, email }) => {
        const key = chosen(email) ? parseMailAddress(email)?.key : undefined;
        return key === undefined ? [] : [{ id, key }];
      });
      await tx.query(SET, [keyed.map(({ id }) => id), keyed.map(({ key }) => key)]);
      return rows.at(-1)?.id;
    });
  for (let after = await batch(undefined); after !== undefined; ) after = await batch(after);
}
