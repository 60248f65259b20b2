import { violation } from "@kontor/errors";
import { containsCardNumber, isCountry, type TextRule } from "@kontor/text";
import { createCheck } from "./check.ts";

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

/** How many addresses a user keeps. */
export const MOST_ADDRESSES = 100;

const LIMITS = {
  recipient: { min: 1, max: 200 },
  line1: { min: 1, max: 200 },
  line2: { max: 200 },
  city: { min: 1, max: 100 },
  postalCode: { max: 20 },
  region: { max: 100 },
} as const;

/** What can change about an address: all but its id. */
export const ADDRESS_FIELDS = ["recipient", "line1", "line2", "city", "postalCode", "region", "country"] as const;

/** Returns the address if a parcel can be sent to it. Refuses card numbers in any field: orders, parcels and mails copy it. */
export function checkAddress(address: Address): Address {
  const check = createCheck();
  check.that(
    isAddressId(address.id),
    violation("address.id", "WRONG_CHARACTERS", { min: 1, max: 64, allowed: "A-Z a-z 0-9 - _" }),
  );
  for (const [field, limits] of Object.entries(LIMITS) as [keyof typeof LIMITS, TextRule][])
    check.text(`address.${field}`, address[field], limits);
  check.that(isCountry(address.country), violation("address.country", "NOT_A_COUNTRY"));
  for (const field of ["id", ...ADDRESS_FIELDS] as const)
    check.that(!containsCardNumber(address[field]), violation(`address.${field}`, "CARD_NUMBER"));
  check.done();
  return address;
}

export function isAddressId(id: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(id);
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.id === b.id && ADDRESS_FIELDS.every((field) => a[field] === b[field]);
}
