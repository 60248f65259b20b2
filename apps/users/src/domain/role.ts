/** The roles of a user. */
export const ROLES = ["customer", "staff", "admin"] as const;

export type Role = (typeof ROLES)[number];

const CUSTOMER = ["profile.read", "profile.write", "orders.read", "orders.write"];
const STAFF = [
  ...CUSTOMER,
  "catalog.write",
  "inventory.write",
  "pricing.write",
  "orders.read.any",
  "payments.read",
  "payments.write",
  "notifications.read",
  "notifications.write",
  "users.read",
];
const SCOPES: Readonly<Record<Role, readonly string[]>> = {
  customer: CUSTOMER,
  staff: STAFF,
  admin: [...STAFF, "users.admin", "orders.operate"],
};

/** Returns the scopes of tokens of a user with these roles, each once. */
export function scopesOf(roles: readonly Role[]): readonly string[] {
  return [...new Set(roles.flatMap((role) => SCOPES[role]))];
}
