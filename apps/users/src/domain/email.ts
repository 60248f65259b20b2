import type { Check } from "./check.ts";

const SHAPE = /^[^\s@<>,;:"()[\]\\\p{Cc}]+@[^\s@.<>,;:"()[\]\\\p{Cc}]+(\.[^\s@.<>,;:"()[\]\\\p{Cc}]+)+$/u;
const LONGEST = 254;

/** The address as it is kept. Only sending a mail proves an address, so its shape is all we look at. */
export function readEmail(raw: string, check: Check, field = "email"): string {
  const email = raw.trim();
  check.that(email.length <= LONGEST && SHAPE.test(email), field, "Is not a mail address.");
  return email;
}
