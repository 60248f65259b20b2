import { timestampDate } from "@bufbuild/protobuf/wkt";
import { OrderStatus } from "@kontor/contracts/orders/v1/order";
import { OrderSort, type SearchOrdersRequest } from "@kontor/contracts/orders/v1/orders_service";
import { type FieldViolation, invalid, violation } from "@kontor/errors";
import { lengthOf } from "@kontor/text";
import { isOrderId } from "../domain/order.ts";
import { readOrderNumber } from "../domain/order-number.ts";
import type { OrderFilter } from "../ports.ts";
import type { SearchOrders } from "../queries/search-orders.ts";

const MAX_TEXT = 200;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const statuses: Readonly<Record<OrderStatus, OrderFilter["status"]>> = {
  [OrderStatus.UNSPECIFIED]: undefined,
  [OrderStatus.PLACED]: "placed",
  [OrderStatus.CONFIRMED]: "confirmed",
  [OrderStatus.SHIPPED]: "shipped",
  [OrderStatus.COMPLETED]: "completed",
  [OrderStatus.REJECTED]: "rejected",
  [OrderStatus.CANCELLING]: "cancelling",
  [OrderStatus.CANCELLED]: "cancelled",
};

const STATUSES = Object.values(statuses).filter((status) => status !== undefined);

/** Returns what SearchOrders lists. Throws INVALID_REQUEST naming every field that cannot be. */
export function searchOf(request: SearchOrdersRequest): SearchOrders {
  const { status, placedFrom, placedUntil, userId, number, sku, orderBy, pageSize, pageToken } = request;
  const violations = violationsOf(request);
  if (violations.length > 0) throw invalid(violations, "orders.kontor");
  const { numbers, ...text } = textFilter(request.text.trim());
  const filter = {
    status: statuses[status],
    placedFrom: placedFrom && timestampDate(placedFrom),
    placedUntil: placedUntil && timestampDate(placedUntil),
    userId: userId || undefined,
    numbers: [readOrderNumber(number), ...numbers].filter((one) => one !== undefined),
    sku: sku || undefined,
    oldestFirst: orderBy === OrderSort.OLDEST,
    ...text,
  };
  return { filter, pageSize, pageToken };
}

function violationsOf({ status, orderBy, userId, number, sku, text }: SearchOrdersRequest): FieldViolation[] {
  const violations: FieldViolation[] = [];
  if (!(status in statuses)) violations.push(violation("status", "NOT_IN", { values: STATUSES }));
  if (!(orderBy in OrderSort)) violations.push(violation("orderBy", "NOT_IN", { values: ["newest", "oldest"] }));
  for (const [field, value] of Object.entries({ userId, sku }))
    if (value !== "" && !isOrderId(value))
      violations.push(violation(field, "WRONG_CHARACTERS", { min: 1, max: 64, allowed: "A-Z a-z 0-9 - _" }));
  if (number !== "" && readOrderNumber(number) === undefined)
    violations.push(violation("number", "WRONG_FORMAT", { example: "K-7Q4M-2X9P" }));
  if (lengthOf(text) > MAX_TEXT) violations.push(violation("text", "TOO_LONG", { max: MAX_TEXT }));
  else if (text.includes("\0")) violations.push(violation("text", "CONTROL_CHARACTERS"));
  else if (text.trim() !== "" && wordsOf(text).length === 0) violations.push(violation("text", "NO_LETTER"));
  return violations;
}

function textFilter(text: string) {
  const number = readOrderNumber(text);
  if (text === "" || number !== undefined) return { numbers: [number] };
  return UUID.test(text) ? { numbers: [], orderId: text.toLowerCase() } : { numbers: [], words: wordsOf(text) };
}

/** As the function `order_words` of the database splits what it stores. */
function wordsOf(text: string): string[] {
  const plain = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "");
  return [...new Set(plain.match(/[\p{L}\p{N}]+/gu) ?? [])];
}
