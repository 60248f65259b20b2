import { definePages, type PageRequest } from "@kontor/paging";
import type { UserFilter } from "../domain/user-search.ts";
import type { Users } from "../ports.ts";

export type ListUsers = PageRequest & { readonly filter: UserFilter };

const pages = definePages({
  list: "users.users",
  domain: "users.shop",
  cursor: { id: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/ },
});

/** Returns a page of the accounts that a filter describes. */
export function listUsers({ users }: { readonly users: Pick<Users, "list"> }) {
  return async ({ filter, ...request }: ListUsers) => {
    const words = filter.words.map((spellings) => spellings.join(" "));
    const { after, ...page } = pages.read(request, { words, sort: filter.sort });
    const found = await users.list(filter, { after: after?.id, limit: page.limit });
    return page.of(found, ({ id }) => ({ id }));
  };
}
