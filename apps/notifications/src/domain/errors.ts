import { defineErrors } from "@kontor/errors";

/** The errors of requests and events. The keys are public. */
export const notificationErrors = defineErrors("notifications.shop", {
  NOTIFICATION_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { notificationId: string }) => `Notification ${f.notificationId} does not exist.`,
    de: "Die Nachricht {notificationId} gibt es nicht.",
  },
  EVENT_INCOMPLETE: {
    code: "FAILED_PRECONDITION",
    message: (f: { event: string; missing: string }) =>
      `${f.event} tells no ${f.missing}, so there is nothing to send.`,
    de: "{event} enthält kein {missing}. Es gibt nichts zu senden.",
  },
});
