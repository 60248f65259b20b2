import { createCheck } from "../domain/check.ts";
import type { User } from "../domain/user.ts";
import type { Users } from "../ports.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A page of accounts, newest first. The page token holds the last id of the page before. */
export function listUsers({ users }: { readonly users: Users }) {
  return async (request: { readonly pageSize: number; readonly pageToken: string }) => {
    const before = Buffer.from(request.pageToken, "base64url").toString("latin1");
    const check = createCheck();
    check.that(request.pageSize >= 0 && request.pageSize <= 100, "pageSize", "Must be 1 to 100.");
    check.that(request.pageToken === "" || UUID.test(before), "pageToken", "Is not the token of a page.");
    check.done();
    const limit = request.pageSize || 20;
    const found = await users.list({ before: before || undefined, limit: limit + 1 });
    const page: readonly User[] = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    return { users: page, nextPageToken: last ? Buffer.from(last.id).toString("base64url") : "" };
  };
}
