import { timestampDate } from "@bufbuild/protobuf/wkt";
import { PaymentStatus } from "@kontor/shop/contracts/payments/v1/payment";
import { type ListPaymentsRequest, PaymentSort } from "@kontor/shop/contracts/payments/v1/payments_service";
import type { PaymentFilter } from "../ports.ts";
import type { ListPayments } from "../queries/list-payments.ts";

const statuses: Readonly<Record<PaymentStatus, PaymentFilter["status"]>> = {
  [PaymentStatus.UNSPECIFIED]: undefined,
  [PaymentStatus.PENDING]: "pending",
  [PaymentStatus.REQUIRES_ACTION]: "requires_action",
  [PaymentStatus.AUTHORISED]: "authorised",
  [PaymentStatus.DECLINED]: "declined",
  [PaymentStatus.CAPTURED]: "captured",
  [PaymentStatus.VOIDED]: "voided",
  [PaymentStatus.REFUNDED]: "refunded",
};

const oldestFirst = {
  [PaymentSort.UNSPECIFIED]: false,
  [PaymentSort.NEWEST]: false,
  [PaymentSort.OLDEST]: true,
} satisfies Record<PaymentSort, boolean>;

/** Returns the filter of ListPayments. */
export function listOf({ pageSize, pageToken, ...request }: ListPaymentsRequest): ListPayments {
  const filter = {
    status: statuses[request.status],
    createdFrom: request.createdFrom && timestampDate(request.createdFrom),
    createdUntil: request.createdUntil && timestampDate(request.createdUntil),
    userId: request.userId || undefined,
    orderId: request.orderId || undefined,
    currency: request.currency || undefined,
    oldestFirst: oldestFirst[request.orderBy],
  };
  return { filter, pageSize, pageToken };
}
