import type { Address } from "../src/domain/address.ts";
import type { User } from "../src/domain/user.ts";

export const at = new Date("2026-11-01T10:00:00.000Z");
export const later = (ms: number): Date => new Date(at.getTime() + ms);

let users = 0;

/** Returns a user with a new id and mail address. Ids grow, as those of accounts do. */
export function aUser(overrides: Partial<User> = {}): User {
  users += 1;
  const id = `01930000-0000-7000-8000-${String(users).padStart(12, "0")}`;
  const email = `${id}@users.example`;
  return { id, email, displayName: "Grace", locale: "en", roles: ["customer"], createdAt: at, ...overrides };
}

export function anAddress(overrides: Partial<Address> = {}): Address {
  const place = { line1: "Am Markt 1", line2: "", city: "Bremen", postalCode: "28195", region: "", country: "DE" };
  return { id: "home", recipient: "Grace", ...place, ...overrides };
}
