import { violation } from "@kontor/errors";
import { lengthOf } from "@kontor/text";
import type { Check } from "./check.ts";

const MIN = 10;
const MAX = 200;
/** A shorter local part occurs in good passwords by chance. */
const TELLING = 4;

// The commonest of at least ten characters; shorter ones are refused anyway.
const COMMON = new Set(
  `1234567890 0123456789 0987654321 9876543210 12345678910 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc qwertyuiop qwerty12345
  qwerty1234 qwerty123456 asdfghjkl1 password12 password123 password1234 password12345 passw0rd123 passwordpassword
  iloveyou12 administrator adminadmin admin12345 welcome123 letmein123 changeme123 football123 basketball`.split(/\s+/),
);

/** Checks a new password. */
export function checkNewPassword(password: string, email: string, check: Check, field = "password"): void {
  const length = lengthOf(password);
  const fits = length >= MIN && length <= MAX;
  if (!check.that(fits, violation(field, "WRONG_LENGTH", { min: MIN, max: MAX }))) return;
  const lower = password.toLowerCase();
  const local = email.toLowerCase().split("@")[0] ?? "";
  check.that(local.length < TELLING || !lower.includes(local), violation(field, "CONTAINS_FIELD", { field: "email" }));
  check.that(!COMMON.has(lower) && !/^(.)\1*$/su.test(lower), violation(field, "TOO_COMMON"));
}
