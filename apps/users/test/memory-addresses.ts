import { MOST_ADDRESSES, sameAddress } from "../src/domain/address.ts";
import { userErrors } from "../src/domain/errors.ts";
import type { Addresses } from "../src/ports.ts";
import type { Accounts, Tx } from "./memory-accounts.ts";

/** Addresses in memory, the oldest first. */
export function memoryAddresses({ db, users, addresses }: Accounts): Addresses {
  const of = (userId: string, tx?: Tx) => addresses.rows(tx).get(userId) ?? [];
  return {
    create: (userId, address) =>
      db.transaction(async (tx) => {
        if (!users.rows(tx).has(userId)) throw userErrors.USER_NOT_FOUND({ userId });
        const existing = of(userId, tx).find(({ id }) => id === address.id);
        if (existing !== undefined) {
          if (sameAddress(existing, address)) return existing;
          throw userErrors.ADDRESS_EXISTS({ addressId: address.id });
        }
        if (of(userId, tx).length >= MOST_ADDRESSES) throw userErrors.ADDRESSES_FULL({ limit: MOST_ADDRESSES });
        addresses.rows(tx).set(userId, [...of(userId, tx), address]);
        return address;
      }),
    find: async (userId, addressId) => of(userId).find(({ id }) => id === addressId),
    list: async (userId) => of(userId),
    update: (userId, addressId, change) =>
      db.transaction(async (tx) => {
        const before = of(userId, tx).find(({ id }) => id === addressId);
        if (before === undefined) throw userErrors.ADDRESS_NOT_FOUND({ addressId });
        const after = change(before);
        const replaced = of(userId, tx).map((address) => (address === before ? after : address));
        addresses.rows(tx).set(userId, replaced);
        return after;
      }),
    delete: (userId, addressId) =>
      db.transaction(async (tx) => {
        const left = of(userId, tx).filter(({ id }) => id !== addressId);
        addresses.rows(tx).set(userId, left);
      }),
  };
}
