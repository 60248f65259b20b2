import { type Address, checkAddress } from "../domain/address.ts";
import type { Addresses } from "../ports.ts";

/** Changes fields of an address. Without a change the address is not checked again. */
export function updateAddress({ addresses }: { readonly addresses: Addresses }) {
  return (
    userId: string,
    addressId: string,
    changesOf: (address: Address) => Partial<Omit<Address, "id">>,
  ): Promise<Address> =>
    addresses.update(userId, addressId, (address) => {
      const changes = changesOf(address);
      return Object.keys(changes).length === 0 ? address : checkAddress({ ...address, ...changes });
    });
}
