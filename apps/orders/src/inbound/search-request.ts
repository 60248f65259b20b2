import { timestampDate } from "@bufbuild/protobuf/wkt";
import { OrderStatus } from "@kontor/contracts/orders/v1/order";
import { OrderSort, type SearchOrdersRequest } from "@kontor/contracts/orders/v1/orders_service";
import { type FieldViolation, invalid } from "@kontor/errors";
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
  if (!(status in statuses)) violations.push({ field: "status", description: `There is no status ${status}.` });
  if (!(orderBy in OrderSort)) violations.push({ field: "orderBy", description: `There is no order ${orderBy}.` });
  for (const [field, value] of Object.entries({ userId, sku }))
    if (value !== "" && !isOrderId(value))
      violations.push({ field, description: "Must be 1 to 64 of A-Z a-z 0-9 - _." });
  if (number !== "" && readOrderNumber(number) === undefined)
    violations.push({ field: "number", description: "Must be the number of an order, such as K-7Q4M-2X9P." });
  if (lengthOf(text) > MAX_TEXT || text.includes("\0"))
    violations.push({ field: "text", description: `Must be at most ${MAX_TEXT} characters, none of them U+0000.` });
  else if (text.trim() !== "" && wordsOf(text).length === 0)
    violations.push({ field: "text", description: "Must contain a letter or a digit." });
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
