import { NotificationStatus, NotificationStatusSchema } from "@kontor/contracts/notifications/v1/notification";
import type { ListNotificationsRequest } from "@kontor/contracts/notifications/v1/notifications_service";
import { readFilters } from "@kontor/paging";
import type { Status } from "../domain/notification.ts";
import type { ListNotifications } from "../queries/list-notifications.ts";

const statuses: Readonly<Record<NotificationStatus, Status | undefined>> = {
  [NotificationStatus.UNSPECIFIED]: undefined,
  [NotificationStatus.QUEUED]: "queued",
  [NotificationStatus.SENT]: "sent",
  [NotificationStatus.FAILED]: "failed",
};

/** Returns what ListNotifications lists. Throws INVALID_REQUEST that names each wrong field. */
export function listOf({ pageSize, pageToken, ...request }: ListNotificationsRequest): ListNotifications {
  const filters = readFilters("notifications.kontor");
  const userId = filters.id("userId", request.userId);
  const orderId = filters.id("orderId", request.orderId);
  const status = filters.choice("status", NotificationStatusSchema, request.status, statuses);
  filters.end();
  return { ...(userId && { userId }), ...(orderId && { orderId }), ...(status && { status }), pageSize, pageToken };
}
