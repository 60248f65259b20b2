import { createBatch } from "@kontor/batch";
import type { Database, Sql } from "@kontor/postgres";
import { type Address, isAddressId, MOST_ADDRESSES, sameAddress } from "../domain/address.ts";
import { userErrors } from "../domain/errors.ts";
import { statement } from "../gen/statements.ts";
import type { Addresses } from "../ports.ts";
import { isUserId } from "./user-row.ts";

const COLUMNS = `id, recipient, line1, line2, city, postal_code AS "postalCode", region, country`;
const LOCK_USER = statement("addresses.lock_user", "SELECT id FROM users WHERE id = $1 FOR UPDATE");
const CREATE = statement(
  "addresses.create",
  `INSERT INTO addresses (user_id, id, recipient, line1, line2, city, postal_code, region, country)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE (SELECT count(*) FROM addresses WHERE user_id = $1) < ${MOST_ADDRESSES}
  ON CONFLICT DO NOTHING RETURNING id`,
);
const FIND = statement(
  "addresses.find",
  `SELECT user_id AS "userId", ${COLUMNS} FROM addresses
  WHERE (user_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))`,
);
const LOCK = statement("addresses.lock", `SELECT ${COLUMNS} FROM addresses WHERE user_id = $1 AND id = $2 FOR UPDATE`);
const LIST = statement("addresses.list", `SELECT ${COLUMNS} FROM addresses WHERE user_id = $1 ORDER BY created_at, id`);
const SAVE = statement(
  "addresses.save",
  `UPDATE addresses SET recipient = $3, line1 = $4, line2 = $5, city = $6, postal_code = $7, region = $8, country = $9
  WHERE user_id = $1 AND id = $2`,
);
const DELETE = statement("addresses.delete", "DELETE FROM addresses WHERE user_id = $1 AND id = $2");

/** Limits the connections that reads of single addresses use at once. */
const MAX_READS = 4;

type Named = { readonly userId: string; readonly id: string };

/** Addresses in PostgreSQL. Concurrent reads of single addresses share a statement. */
export function createAddressStore(db: Database): Addresses {
  const find = createBatch<Named, Address | undefined>({
    name: "users.addresses",
    maxFlights: MAX_READS,
    run: (named) => findAll(db, named),
  });
  return {
    create: (userId, address) =>
      db.transaction(async (tx) => {
        // The lock makes the count true.
        const users = isUserId(userId) ? await tx.query(LOCK_USER, [userId]) : [];
        if (users.length === 0) throw userErrors.USER_NOT_FOUND({ userId });
        const created = await tx.query(CREATE, [userId, ...values(address)]);
        if (created.length > 0) return address;
        const [there] = await findAll(tx, [{ userId, id: address.id }]);
        if (!there) throw userErrors.ADDRESSES_FULL({ limit: MOST_ADDRESSES });
        if (!sameAddress(there, address)) throw userErrors.ADDRESS_EXISTS({ addressId: address.id });
        return there;
      }),

    find: async (userId, id) => (isUserId(userId) && isAddressId(id) ? find({ userId, id }) : undefined),

    list: (userId) => (isUserId(userId) ? db.reads.query(LIST, [userId]) : Promise.resolve([])),

    update: (userId, addressId, change) =>
      db.transaction(async (tx) => {
        const named = isUserId(userId) && isAddressId(addressId);
        const [before] = named ? await tx.query(LOCK, [userId, addressId]) : [];
        if (!before) throw userErrors.ADDRESS_NOT_FOUND({ addressId });
        const after = change(before);
        await tx.query(SAVE, [userId, ...values(after)]);
        return after;
      }),

    async delete(userId, addressId) {
      if (isUserId(userId) && isAddressId(addressId)) {
        await db.query(DELETE, [userId, addressId]);
      }
    },
  };
}

async function findAll(sql: Sql, named: readonly Named[]): Promise<(Address | undefined)[]> {
  const rows = await sql.query(FIND, [named.map(({ userId }) => userId), named.map(({ id }) => id)]);
  const found = new Map(rows.map(({ userId, ...address }) => [keyOf({ userId, id: address.id }), address]));
  return named.map((one) => found.get(keyOf(one)));
}

/** UUIDs are read in lower case. */
function keyOf({ userId, id }: Named): string {
  return `${userId.toLowerCase()} ${id}`;
}

function values({ id, recipient, line1, line2, city, postalCode, region, country }: Address) {
  return [id, recipient, line1, line2, city, postalCode, region, country] as const;
}
