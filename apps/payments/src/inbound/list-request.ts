import { timestampDate } from "@bufbuild/protobuf/wkt";
import { PaymentStatus } from "@kontor/contracts/payments/v1/payment";
import { type ListPaymentsRequest, PaymentSort } from "@kontor/contracts/payments/v1/payments_service";
import { type FieldViolation, invalid, violation } from "@kontor/errors";
import type { PaymentFilter } from "../ports.ts";
import type { ListPayments } from "../queries/list-payments.ts";

const ID = /^[\x21-\x7e]{1,100}$/;

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

const NAMES = Object.values(statuses).filter((status) => status !== undefined);

/** Returns what ListPayments lists. Throws INVALID_REQUEST naming every field that cannot be. */
export function listOf(request: ListPaymentsRequest): ListPayments {
  const { status, createdFrom, createdUntil, userId, orderId, currency, orderBy, pageSize, pageToken } = request;
  const violations: FieldViolation[] = [];
  if (!(status in statuses)) violations.push(violation("status", "NOT_IN", { values: NAMES }));
  if (!(orderBy in PaymentSort)) violations.push(violation("orderBy", "NOT_IN", { values: ["newest", "oldest"] }));
  for (const [field, value] of Object.entries({ userId, orderId, currency }))
    if (value !== "" && !ID.test(value))
      violations.push(violation(field, "WRONG_CHARACTERS", { min: 1, max: 100, allowed: "! to ~" }));
  if (violations.length > 0) throw invalid(violations, "payments.kontor");
  const filter = {
    status: statuses[status],
    createdFrom: createdFrom && timestampDate(createdFrom),
    createdUntil: createdUntil && timestampDate(createdUntil),
    userId: userId || undefined,
    orderId: orderId || undefined,
    currency: currency || undefined,
    oldestFirst: orderBy === PaymentSort.OLDEST,
  };
  return { filter, pageSize, pageToken };
}
