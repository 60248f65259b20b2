import type { Window } from "./window.ts";

/** A code that entitles to a promotion. */
export interface Coupon extends Pick<Window, "validUntil"> {
  /** As it was created. */
  readonly code: string;
  readonly promotionId: string;
  /** 0: any number. */
  readonly maxUses: number;
  /** 0: any number. */
  readonly maxUsesPerCustomer: number;
  readonly inactive: boolean;
  readonly createdAt: Date;
}

/** The fewest letters and digits of a code. */
export const SHORTEST_CODE = 3;

/** Characters of generated codes: no 0 and O, no 1, I and L. */
export const CODE_CHARACTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/** Returns the form in which codes are compared: compatibility form (NFKC), capitals, without blanks, dashes and invisible characters. */
export function foldCode(code: string): string {
  return code
    .normalize("NFKC")
    .toUpperCase()
    .normalize("NFKC")
    .replace(/[\s\p{Cf}\p{Cc}\p{Pd}_]/gu, "");
}

/**
 * Returns a generated code: a prefix and `length` characters, from numbers that are random below the number of characters.
 *
 * @param random returns a secure random number of 0 to `below` - 1
 */
export function generateCode(prefix: string, length: number, random: (below: number) => number): string {
  const characters = Array.from({ length }, () => CODE_CHARACTERS.charAt(random(CODE_CHARACTERS.length)));
  return `${prefix}${characters.join("")}`;
}
