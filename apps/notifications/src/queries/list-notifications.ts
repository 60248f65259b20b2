import { invalid } from "@kontor/errors";
import type { Filter, Notifications } from "../ports.ts";

export type ListNotifications = Pick<Filter, "userId" | "orderId" | "status"> & {
  readonly pageSize: number;
  readonly pageToken: string;
};

const DEFAULT_PAGE = 20;
const MAX_PAGE = 100;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Lists a page of notifications, newest first. */
export function listNotifications({ notifications }: { notifications: Pick<Notifications, "list"> }) {
  return async ({ pageSize, pageToken, ...filter }: ListNotifications) => {
    const before = Buffer.from(pageToken, "base64url").toString();
    check(pageSize, pageToken, before);
    const limit = pageSize || DEFAULT_PAGE;
    const found = await notifications.list({ ...filter, ...(before && { before }), limit: limit + 1 });
    const page = found.slice(0, limit);
    return { notifications: page, nextPageToken: found.length > limit ? tokenOf(page.at(-1)?.id ?? "") : "" };
  };
}

function tokenOf(id: string): string {
  return Buffer.from(id).toString("base64url");
}

function check(pageSize: number, pageToken: string, before: string): void {
  const violations = [];
  if (pageSize < 0 || pageSize > MAX_PAGE)
    violations.push({ field: "pageSize", description: `Must be 1 to ${MAX_PAGE}, or 0 for ${DEFAULT_PAGE}.` });
  if (pageToken !== "" && !(ID.test(before) && tokenOf(before) === pageToken))
    violations.push({ field: "pageToken", description: "Must be the nextPageToken of the page before." });
  if (violations.length > 0) throw invalid(violations, "notifications.kontor");
}
