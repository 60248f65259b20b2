/** Crockford's base 32: no I, L, O or U. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const NUMBER = /^K[\p{Pd} ]?([0-9A-HJKMNP-TV-Z]{4})[\p{Pd} ]?([0-9A-HJKMNP-TV-Z]{4})$/u;

/** How many random bits a number has: with a million orders, one new number in a million is taken. */
export const NUMBER_BITS = 40;

/** Returns the number of an order such as `K-7Q4M-2X9P`, for people to read and speak. `random` is 0 to 2^40 - 1. */
export function orderNumber(random: number): string {
  const digits = Array.from({ length: 8 }, (_, nth) => DIGITS.charAt(Math.floor(random / 32 ** (7 - nth)) % 32)).join(
    "",
  );
  return `K-${digits.slice(0, 4)}-${digits.slice(4)}`;
}

/**
 * Returns the stored form of a typed order number; undefined if it is none. Accepts any case and width, dashes or spaces between
 * its parts, O for 0, and I or L for 1.
 */
export function readOrderNumber(text: string): string | undefined {
  const typed = text.normalize("NFKC").trim().toUpperCase();
  const match = NUMBER.exec(typed.replaceAll("O", "0").replace(/[IL]/g, "1"));
  return match ? `K-${match[1]}-${match[2]}` : undefined;
}
