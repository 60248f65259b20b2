export type Status = "queued" | "sent" | "failed";

type DeliveryAttempt = { readonly at: Date; readonly outcome: string; readonly delivered: boolean };

/** A message to a user, and how its delivery goes. */
export type Notification = {
  readonly id: string;
  readonly userId: string;
  readonly orderId: string;
  readonly template: string;
  readonly channel: string;
  /** Empty while the user is not known. */
  readonly recipient: string;
  /** Empty before the first attempt. */
  readonly subject: string;
  readonly status: Status;
  readonly attempts: readonly DeliveryAttempt[];
  readonly createdAt: Date;
};
