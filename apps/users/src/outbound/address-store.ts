import type { Database, Row, Sql } from "@kontor/postgres";
import { type Address, isAddressId, MOST_ADDRESSES, sameAddress } from "../domain/address.ts";
import { userErrors } from "../domain/errors.ts";
import type { Addresses } from "../ports.ts";
import { isUserId } from "./user-row.ts";

const COLUMNS = `id, recipient, line1, line2, city, postal_code AS "postalCode", region, country`;
const LOCK_USER = "SELECT id FROM users WHERE id = $1 FOR UPDATE";
const CREATE = `
  INSERT INTO addresses (user_id, id, recipient, line1, line2, city, postal_code, region, country)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE (SELECT count(*) FROM addresses WHERE user_id = $1) < ${MOST_ADDRESSES}
  ON CONFLICT DO NOTHING RETURNING id`;
const FIND = `SELECT ${COLUMNS} FROM addresses WHERE user_id = $1 AND id = $2`;
const LIST = `SELECT ${COLUMNS} FROM addresses WHERE user_id = $1 ORDER BY created_at, id`;
const SAVE = `
  UPDATE addresses SET recipient = $3, line1 = $4, line2 = $5, city = $6, postal_code = $7, region = $8, country = $9
  WHERE user_id = $1 AND id = $2`;
const DELETE = "DELETE FROM addresses WHERE user_id = $1 AND id = $2";

/** Addresses in PostgreSQL. */
export function createAddressStore(db: Database): Addresses {
  return {
    create: (userId, address) =>
      db.transaction(async (tx) => {
        // The lock makes the count true.
        const users = isUserId(userId) ? await tx.query(LOCK_USER, [userId], { name: "addresses.lock_user" }) : [];
        if (users.length === 0) throw userErrors.USER_NOT_FOUND({ userId });
        const created = await tx.query(CREATE, [userId, ...values(address)], { name: "addresses.create" });
        if (created.length > 0) return address;
        const there = await find(tx, userId, address.id);
        if (!there) throw userErrors.ADDRESSES_FULL({ limit: MOST_ADDRESSES });
        if (!sameAddress(there, address)) throw userErrors.ADDRESS_EXISTS({ addressId: address.id });
        return there;
      }),

    find: (userId, addressId) => find(db, userId, addressId),

    list: (userId) =>
      isUserId(userId) ? db.query<Address & Row>(LIST, [userId], { name: "addresses.list" }) : Promise.resolve([]),

    update: (userId, addressId, change) =>
      db.transaction(async (tx) => {
        const before = await find(tx, userId, addressId, " FOR UPDATE");
        if (!before) throw userErrors.ADDRESS_NOT_FOUND({ addressId });
        const after = change(before);
        await tx.query(SAVE, [userId, ...values(after)], { name: "addresses.save" });
        return after;
      }),

    async delete(userId, addressId) {
      if (isUserId(userId) && isAddressId(addressId)) {
        await db.query(DELETE, [userId, addressId], { name: "addresses.delete" });
      }
    },
  };
}

async function find(sql: Sql, userId: string, addressId: string, lock = ""): Promise<Address | undefined> {
  if (!isUserId(userId) || !isAddressId(addressId)) return undefined;
  const name = lock ? "addresses.lock" : "addresses.find";
  const [address] = await sql.query<Address & Row>(FIND + lock, [userId, addressId], { name });
  return address;
}

function values({ id, recipient, line1, line2, city, postalCode, region, country }: Address): readonly string[] {
  return [id, recipient, line1, line2, city, postalCode, region, country];
}
