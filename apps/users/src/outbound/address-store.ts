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
const FIND = statement("addresses.find", `SELECT ${COLUMNS} FROM addresses WHERE user_id = $1 AND id = $2`);
const LOCK = statement("addresses.lock", `SELECT ${COLUMNS} FROM addresses WHERE user_id = $1 AND id = $2 FOR UPDATE`);
const LIST = statement("addresses.list", `SELECT ${COLUMNS} FROM addresses WHERE user_id = $1 ORDER BY created_at, id`);
const SAVE = statement(
  "addresses.save",
  `UPDATE addresses SET recipient = $3, line1 = $4, line2 = $5, city = $6, postal_code = $7, region = $8, country = $9
  WHERE user_id = $1 AND id = $2`,
);
const DELETE = statement("addresses.delete", "DELETE FROM addresses WHERE user_id = $1 AND id = $2");

/** Addresses in PostgreSQL. */
export function createAddressStore(db: Database): Addresses {
  return {
    create: (userId, address) =>
      db.transaction(async (tx) => {
        // The lock makes the count true.
        const users = isUserId(userId) ? await tx.query(LOCK_USER, [userId]) : [];
        if (users.length === 0) throw userErrors.USER_NOT_FOUND({ userId });
        const created = await tx.query(CREATE, [userId, ...values(address)]);
        if (created.length > 0) return address;
        const there = await find(tx, userId, address.id);
        if (!there) throw userErrors.ADDRESSES_FULL({ limit: MOST_ADDRESSES });
        if (!sameAddress(there, address)) throw userErrors.ADDRESS_EXISTS({ addressId: address.id });
        return there;
      }),

    find: (userId, addressId) => find(db, userId, addressId),

    list: (userId) => (isUserId(userId) ? db.reads.query(LIST, [userId]) : Promise.resolve([])),

    update: (userId, addressId, change) =>
      db.transaction(async (tx) => {
        const before = await find(tx, userId, addressId, LOCK);
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

async function find(sql: Sql, userId: string, addressId: string, one = FIND): Promise<Address | undefined> {
  if (!isUserId(userId) || !isAddressId(addressId)) return undefined;
  const [address] = await sql.query(one, [userId, addressId]);
  return address;
}

function values({ id, recipient, line1, line2, city, postalCode, region, country }: Address) {
  return [id, recipient, line1, line2, city, postalCode, region, country] as const;
}
