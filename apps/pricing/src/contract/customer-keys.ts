import { createHash } from "node:crypto";
import { parseMailAddress } from "@kontor/text";
import type { Customer } from "../domain/request.ts";

/**
 * Returns the keys that uses of a customer are counted by: the user, and the mail address of a guest or a user as a hash, so that an address is
 * not stored. Empty: nothing is known of the customer.
 */
export function customerKeys({ userId, email }: Pick<Customer, "userId" | "email">): readonly string[] {
  const keys = userId === undefined ? [] : [`user/${userId}`];
  if (email === undefined) return keys;
  const folded = parseMailAddress(email)?.key ?? email.trim().toLowerCase();
  return [...keys, `mail/${createHash("sha256").update(folded).digest("hex")}`];
}
