import { NotificationStatus } from "@kontor/contracts/notifications/v1/notification";
import {
  type ListNotificationsRequest,
  NotificationsService,
} from "@kontor/contracts/notifications/v1/notifications_service";
import { invalid, violation } from "@kontor/errors";
import { type Implementation, implement } from "@kontor/rpc";
import type { resendNotification } from "../commands/resend-notification.ts";
import { notificationMessage, STATUSES, statusOf } from "../outbound/notification-message.ts";
import type { findNotification } from "../queries/find-notification.ts";
import type { ListNotifications, listNotifications } from "../queries/list-notifications.ts";

type Deps = {
  readonly listNotifications: ReturnType<typeof listNotifications>;
  readonly findNotification: ReturnType<typeof findNotification>;
  readonly resendNotification: ReturnType<typeof resendNotification>;
};

/** NotificationsService over gRPC. */
export function notificationsService(app: Deps): Implementation {
  return implement(NotificationsService, {
    async listNotifications(request) {
      const { items, ...next } = await app.listNotifications(wishOf(request));
      return { notifications: items.map(notificationMessage), ...next };
    },
    async getNotification({ notificationId }) {
      return { notification: notificationMessage(await app.findNotification(notificationId)) };
    },
    async resendNotification({ notificationId }) {
      return { notification: notificationMessage(await app.resendNotification(notificationId)) };
    },
  });
}

function wishOf({ userId, orderId, status: wanted, pageSize, pageToken }: ListNotificationsRequest): ListNotifications {
  const status = statusOf(wanted);
  if (status === undefined && wanted !== NotificationStatus.UNSPECIFIED)
    throw invalid([violation("status", "NOT_IN", { values: STATUSES })], "notifications.kontor");
  return { ...(userId && { userId }), ...(orderId && { orderId }), ...(status && { status }), pageSize, pageToken };
}
