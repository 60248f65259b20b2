import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { NotificationStatus } from "@kontor/shop/contracts/notifications/v1/notification";
import { present } from "@kontor/text";
import type { Notification, Status } from "../domain/notification.ts";

const statuses: Readonly<Record<Status, NotificationStatus>> = {
  queued: NotificationStatus.QUEUED,
  sent: NotificationStatus.SENT,
  failed: NotificationStatus.FAILED,
};

/** The notification as the contract shows it. */
export function notificationMessage({ status, attempts, createdAt, recipient, subject, ...same }: Notification) {
  return {
    ...same,
    ...present({ recipient, subject }),
    status: statuses[status],
    attempts: attempts.map(({ at, outcome, delivered }) => ({
      at: timestampFromDate(at),
      ...present({ outcome }),
      delivered,
    })),
    createdAt: timestampFromDate(createdAt),
  };
}
