import { randomUUID } from "node:crypto";
import type { Address } from "../domain/address.ts";
import type { Addresses } from "../ports.ts";

/** Adds an address; without an id it gets one. */
export function createAddress({ addresses }: { readonly addresses: Addresses }) {
  return (userId: string, address: Address): Promise<Address> =>
    addresses.create(userId, { ...address, id: address.id || randomUUID() });
}
