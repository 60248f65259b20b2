import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { NotificationStatus } from "@kontor/contracts/notifications/v1/notification";
import type { Notification, Status } from "../domain/notification.ts";

const statuses: Readonly<Record<Status, NotificationStatus>> = {
  queued: NotificationStatus.QUEUED,
  sent: NotificationStatus.SENT,
  failed: NotificationStatus.FAILED,
};

/** What notifications can be filtered by. */
export const STATUSES = ["queued", "sent", "failed"] as const;

/** The notification as the contract shows it. */
export function notificationMessage({ status, attempts, createdAt, ...same }: Notification) {
  return {
    ...same,
    status: statuses[status],
    attempts: attempts.map(({ at, outcome, delivered }) => ({ at: timestampFromDate(at), outcome, delivered })),
    createdAt: timestampFromDate(createdAt),
  };
}

/** Undefined for the status that is not set, and for those of a later contract. */
export function statusOf(wanted: NotificationStatus): Status | undefined {
  return STATUSES.find((status) => statuses[status] === wanted);
}
