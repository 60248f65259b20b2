import type { Address } from "../domain/address.ts";
import { userErrors } from "../domain/errors.ts";
import type { Addresses } from "../ports.ts";

/** Reads an address of a user; another user's is not found. */
export function findAddress({ addresses }: { readonly addresses: Addresses }) {
  return async (userId: string, addressId: string): Promise<Address> => {
    const address = await addresses.find(userId, addressId);
    if (!address) throw userErrors.ADDRESS_NOT_FOUND({ addressId });
    return address;
  };
}
