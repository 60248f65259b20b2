import type { Address } from "../domain/address.ts";
import type { Addresses } from "../ports.ts";

/** Changes fields of an address. */
export function updateAddress({ addresses }: { readonly addresses: Addresses }) {
  return (
    userId: string,
    addressId: string,
    changesOf: (address: Address) => Partial<Omit<Address, "id">>,
  ): Promise<Address> => addresses.update(userId, addressId, (address) => ({ ...address, ...changesOf(address) }));
}
