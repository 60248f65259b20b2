import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type FieldViolation, invalid, violation } from "@kontor/errors";
import { OrderStatus } from "@kontor/shop/contracts/orders/v1/order";
import { OrderSort, type SearchOrdersRequest } from "@kontor/shop/contracts/orders/v1/orders_service";
import { readOrderNumber } from "../domain/order-number.ts";
import type { OrderFilter } from "../ports.ts";
import type { SearchOrders } from "../queries/search-orders.ts";

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

const sorts: Readonly<Record<OrderSort, OrderFilter["sort"]>> = {
  [OrderSort.UNSPECIFIED]: "newest",
  [OrderSort.NEWEST]: "newest",
  [OrderSort.OLDEST]: "oldest",
  [OrderSort.TOTAL_ASCENDING]: "total_ascending",
  [OrderSort.TOTAL_DESCENDING]: "total_descending",
};

/** Returns the filter of SearchOrders. Throws INVALID_REQUEST that names each wrong field. */
export function searchOf({ number, text, pageSize, pageToken, ...request }: SearchOrdersRequest): SearchOrders {
  const violations = [numberViolation(number), textViolation(text)].filter((wrong) => wrong !== false);
  if (violations.length > 0) throw invalid(violations, "orders.shop");
  const { numbers, ...found } = textFilter(text.trim());
  const filter = {
    status: statuses[request.status],
    placedFrom: request.placedFrom && timestampDate(request.placedFrom),
    placedUntil: request.placedUntil && timestampDate(request.placedUntil),
    userId: request.userId || undefined,
    numbers: [readOrderNumber(number), ...numbers].filter((one) => one !== undefined),
    sku: request.sku || undefined,
    sort: sorts[request.orderBy],
    ...found,
  };
  return { filter, pageSize, pageToken };
}

function numberViolation(number: string): FieldViolation | false {
  const isNumber = number === "" || readOrderNumber(number) !== undefined;
  return !isNumber && violation("number", "WRONG_FORMAT", { example: "K-7Q4M-2X9P" });
}

function textViolation(text: string): FieldViolation | false {
  if (text.includes("\0")) return violation("text", "CONTROL_CHARACTERS");
  return text.trim() !== "" && wordsOf(text).length === 0 && violation("text", "NO_LETTER");
}

function textFilter(text: string) {
  const number = readOrderNumber(text);
  if (text === "" || number !== undefined) return { numbers: [number] };
  return UUID.test(text) ? { numbers: [], orderId: text.toLowerCase() } : { numbers: [], words: wordsOf(text) };
}

/** Like the function `order_words` of the database splits stored texts. */
function wordsOf(text: string): string[] {
  const plain = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "");
  return [...new Set(plain.match(/[\p{L}\p{N}]+/gu) ?? [])];
}
