import { type Implementation, implement } from "@kontor/rpc";
import { NotificationsService } from "@kontor/shop/contracts/notifications/v1/notifications_service";
import type { resendNotification } from "../commands/resend-notification.ts";
import { listOf } from "../contract/list-request.ts";
import { notificationMessage } from "../contract/notification-message.ts";
import type { findNotification } from "../queries/find-notification.ts";
import type { listNotifications } from "../queries/list-notifications.ts";

type Deps = {
  readonly listNotifications: ReturnType<typeof listNotifications>;
  readonly findNotification: ReturnType<typeof findNotification>;
  readonly resendNotification: ReturnType<typeof resendNotification>;
};

/** NotificationsService over gRPC. */
export function notificationsService(app: Deps): Implementation {
  return implement(NotificationsService, {
    async listNotifications(request) {
      const { items, ...next } = await app.listNotifications(listOf(request));
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
