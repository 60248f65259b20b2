import { type ListUsersRequest, UserSort } from "@kontor/shop/contracts/users/v1/users_service";
import { readText } from "@kontor/text";
import { searchWords, type UserFilter } from "../domain/user-search.ts";
import type { ListUsers } from "../queries/list-users.ts";

const sorts: Readonly<Record<UserSort, UserFilter["sort"]>> = {
  [UserSort.UNSPECIFIED]: "newest",
  [UserSort.NEWEST]: "newest",
  [UserSort.OLDEST]: "oldest",
  [UserSort.EMAIL]: "email",
};

/** Returns the filter of ListUsers. */
export function listOf({ orderBy, pageSize, pageToken, text }: ListUsersRequest): ListUsers {
  return { filter: { words: searchWords(readText(text)), sort: sorts[orderBy] }, pageSize, pageToken };
}
