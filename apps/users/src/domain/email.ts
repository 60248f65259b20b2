import { violation } from "@kontor/errors";
import { type MailAddress, parseMailAddress } from "@kontor/text";
import type { Check } from "./check.ts";

const NONE: MailAddress = { address: "", key: "" };

/** Returns the mail address of a request, and a violation if it is none. */
export function readEmail(raw: string, check: Check, field = "email"): MailAddress {
  const email = parseMailAddress(raw);
  check.that(email !== undefined, violation(field, "NOT_AN_EMAIL"));
  return email ?? NONE;
}
