import { violation } from "@kontor/errors";
import { canonicalLanguage, readText } from "@kontor/text";
import { type Check, createCheck } from "./check.ts";
import { ROLES, type Role } from "./role.ts";

export interface User {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
  readonly locale: string;
  readonly roles: readonly Role[];
  readonly createdAt: Date;
}

/** The fields that users change about themselves. */
export type Profile = Pick<User, "displayName" | "locale">;

/** Returns the profile in stored form: its texts, the language tag in its canonical form, `en` if there is none. */
export function readProfile(raw: Profile, check: Check, prefix = ""): Profile {
  const displayName = readText(raw.displayName);
  const locale = raw.locale.trim() === "" ? "en" : canonicalLanguage(raw.locale);
  check.that(locale !== undefined, violation(`${prefix}locale`, "NOT_A_LANGUAGE"));
  return { displayName, locale: locale ?? "en" };
}

/** The user with some of the profile changed. */
export function changeProfile(user: User, changes: Partial<Profile>): User {
  const check = createCheck();
  const profile = readProfile({ displayName: user.displayName, locale: user.locale, ...changes }, check, "user.");
  check.done();
  return { ...user, ...profile };
}

/** Returns the user with these roles instead of the ones before. */
export function changeRoles(user: User, names: readonly string[]): User {
  return { ...user, roles: ROLES.filter((role) => names.includes(role)) };
}

/** Whether the difference must be published. */
export function sameProfile(a: User, b: User): boolean {
  return a.displayName === b.displayName && a.locale === b.locale;
}
