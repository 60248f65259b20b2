export interface Address {
  readonly id: string;
  readonly recipient: string;
  readonly line1: string;
  readonly line2: string;
  readonly city: string;
  readonly postalCode: string;
  readonly region: string;
  readonly country: string;
}

/** The most addresses of a user. */
export const MOST_ADDRESSES = 100;

/** The changeable fields of an address: all except its id. */
export const ADDRESS_FIELDS = ["recipient", "line1", "line2", "city", "postalCode", "region", "country"] as const;

export function isAddressId(id: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(id);
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.id === b.id && ADDRESS_FIELDS.every((field) => a[field] === b[field]);
}
