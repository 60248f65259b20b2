import { parseMailAddress, spellingsOf } from "@kontor/text";
import type { User } from "./user.ts";

/** How staff sort accounts. */
export type UserSort = "newest" | "oldest" | "email";

/** Which accounts staff list, and in which order. */
export interface UserFilter {
  /** For each word the spellings of which an account must have one, as {@link searchWords} returns them. */
  readonly words: readonly (readonly string[])[];
  readonly sort: UserSort;
}

/** Returns the searched text of an account: its name unchanged, then name and mail address in each spelling. */
export function searchTextOf({ displayName, email }: Pick<User, "displayName" | "email">): string {
  return [displayName, ...spellingsOf(`${displayName}\n${email}`)].join("\n");
}

/** Returns the words of a text, each in all its spellings. A mail address is one word, in the spelling that is stored. */
export function searchWords(text: string): readonly (readonly string[])[] {
  const words = [parseMailAddress(text)?.address ?? text.split(/\s+/u)].flat();
  return words
    .map((word) => spellingsOf(word).filter((spelling) => spelling !== ""))
    .filter(({ length }) => length > 0);
}
