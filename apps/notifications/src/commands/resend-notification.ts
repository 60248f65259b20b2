import { notificationErrors } from "../domain/errors.ts";
import type { Notification } from "../domain/notification.ts";
import type { Notifications } from "../ports.ts";

type Deps = { readonly notifications: Pick<Notifications, "resend">; readonly wake: () => void };

/** Sends a notification once more, in any state; each call sends once. */
export function resendNotification({ notifications, wake }: Deps) {
  return async (notificationId: string): Promise<Notification> => {
    const queued = await notifications.resend(notificationId);
    if (queued === undefined) throw notificationErrors.NOTIFICATION_NOT_FOUND({ notificationId });
    wake();
    return queued;
  };
}
