import { definePages, type PageRequest } from "@kontor/paging";
import type { Users } from "../ports.ts";

const pages = definePages({
  list: "users.users",
  domain: "users.kontor",
  cursor: { id: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/ },
});

/** Returns a page of accounts, newest first. */
export function listUsers({ users }: { readonly users: Users }) {
  return async (request: PageRequest) => {
    const page = pages.read(request);
    return page.of(await users.list({ before: page.after?.id, limit: page.limit }), ({ id }) => ({ id }));
  };
}
