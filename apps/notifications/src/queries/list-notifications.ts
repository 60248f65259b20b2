import { definePages, type PageRequest } from "@kontor/paging";
import type { Filter, Notifications } from "../ports.ts";

export type ListNotifications = PageRequest & Pick<Filter, "userId" | "orderId" | "status">;

const pages = definePages({
  list: "notifications.notifications",
  domain: "notifications.shop",
  cursor: { id: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/ },
});

/** Returns a page of notifications, newest first. */
export function listNotifications({ notifications }: { notifications: Pick<Notifications, "list"> }) {
  return async ({ pageSize, pageToken, ...filter }: ListNotifications) => {
    const page = pages.read({ pageSize, pageToken }, filter);
    const before = page.after && { before: page.after.id };
    return page.of(await notifications.list({ ...filter, ...before, limit: page.limit }), ({ id }) => ({ id }));
  };
}
