import { PaymentStatus, PaymentStatusSchema } from "@kontor/contracts/payments/v1/payment";
import {
  type ListPaymentsRequest,
  PaymentSort,
  PaymentSortSchema,
} from "@kontor/contracts/payments/v1/payments_service";
import { violation } from "@kontor/errors";
import { isCurrency } from "@kontor/money";
import { readFilters } from "@kontor/paging";
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

/** Returns what ListPayments lists. Throws INVALID_REQUEST that names each wrong field. */
export function listOf({ pageSize, pageToken, ...request }: ListPaymentsRequest): ListPayments {
  const filters = readFilters("payments.kontor");
  const filter = {
    status: filters.choice("status", PaymentStatusSchema, request.status, statuses),
    createdFrom: filters.time("createdFrom", request.createdFrom),
    createdUntil: filters.time("createdUntil", request.createdUntil),
    userId: filters.id("userId", request.userId),
    orderId: filters.id("orderId", request.orderId),
    currency: request.currency || undefined,
    oldestFirst: filters.choice("orderBy", PaymentSortSchema, request.orderBy, oldestFirst) ?? false,
  };
  filters.check(request.currency === "" || isCurrency(request.currency), violation("currency", "NOT_A_CURRENCY"));
  filters.end();
  return { filter, pageSize, pageToken };
}
