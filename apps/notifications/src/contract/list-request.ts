import { NotificationStatus } from "@kontor/shop/contracts/notifications/v1/notification";
import type { ListNotificationsRequest } from "@kontor/shop/contracts/notifications/v1/notifications_service";
import { present } from "@kontor/text";
import type { Status } from "../domain/notification.ts";
import type { ListNotifications } from "../queries/list-notifications.ts";

const statuses: Readonly<Record<NotificationStatus, Status | undefined>> = {
  [NotificationStatus.UNSPECIFIED]: undefined,
  [NotificationStatus.QUEUED]: "queued",
  [NotificationStatus.SENT]: "sent",
  [NotificationStatus.FAILED]: "failed",
};

/** Returns the filter of ListNotifications. */
export function listOf({
  userId,
  orderId,
  pageSize,
  pageToken,
  ...request
}: ListNotificationsRequest): ListNotifications {
  const status = statuses[request.status];
  return { ...present({ userId, orderId }), ...(status && { status }), pageSize, pageToken };
}
