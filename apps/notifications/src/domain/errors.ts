import { defineErrors } from "@kontor/errors";

/** What can be wrong with what is asked or told. The keys are public. */
export const notificationErrors = defineErrors("notifications.kontor", {
  NOTIFICATION_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { notificationId: string }) => `Notification ${f.notificationId} does not exist.`,
  },
  EVENT_INCOMPLETE: {
    code: "FAILED_PRECONDITION",
    message: (f: { event: string; missing: string }) =>
      `${f.event} tells no ${f.missing}, so there is nothing to send.`,
  },
});
