import { type Address, checkAddress } from "../domain/address.ts";
import type { Addresses } from "../ports.ts";

/** Changes some fields of an address. */
export function updateAddress({ addresses }: { readonly addresses: Addresses }) {
  return (userId: string, addressId: string, changes: Partial<Omit<Address, "id">>): Promise<Address> =>
    addresses.update(userId, addressId, (address) => checkAddress({ ...address, ...changes }));
}
