import { notificationErrors } from "../domain/errors.ts";
import type { Notification } from "../domain/notification.ts";
import type { Notifications } from "../ports.ts";

/** Finds a notification with every attempt to deliver it. */
export function findNotification({ notifications }: { notifications: Pick<Notifications, "find"> }) {
  return async (notificationId: string): Promise<Notification> => {
    const found = await notifications.find(notificationId);
    if (found === undefined) throw notificationErrors.NOTIFICATION_NOT_FOUND({ notificationId });
    return found;
  };
}
