import { type ListUsersRequest, UserSort, UserSortSchema } from "@kontor/contracts/users/v1/users_service";
import { readFilters } from "@kontor/paging";
import { checkText, readText } from "@kontor/text";
import { searchWords, type UserFilter } from "../domain/user-search.ts";
import type { ListUsers } from "../queries/list-users.ts";

const sorts: Readonly<Record<UserSort, UserFilter["sort"]>> = {
  [UserSort.UNSPECIFIED]: "newest",
  [UserSort.NEWEST]: "newest",
  [UserSort.OLDEST]: "oldest",
  [UserSort.EMAIL]: "email",
};

/** Returns what ListUsers lists. Throws INVALID_REQUEST that names each wrong field. */
export function listOf({ orderBy, pageSize, pageToken, ...request }: ListUsersRequest): ListUsers {
  const filters = readFilters("users.kontor");
  const text = readText(request.text);
  const wrong = checkText("text", text, { max: 200 });
  if (wrong) filters.check(false, wrong);
  const sort = filters.choice("orderBy", UserSortSchema, orderBy, sorts) ?? "newest";
  filters.end();
  return { filter: { words: searchWords(text), sort }, pageSize, pageToken };
}
