import { OrderStatus, OrderStatusSchema } from "@kontor/contracts/orders/v1/order";
import { OrderSort, OrderSortSchema, type SearchOrdersRequest } from "@kontor/contracts/orders/v1/orders_service";
import { violation } from "@kontor/errors";
import { type IdRule, readFilters } from "@kontor/paging";
import { lengthOf } from "@kontor/text";
import { readOrderNumber } from "../domain/order-number.ts";
import type { OrderFilter } from "../ports.ts";
import type { SearchOrders } from "../queries/search-orders.ts";

const MAX_TEXT = 200;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const ID: IdRule = { pattern: /^[\w-]{1,64}$/, max: 64, allowed: "A-Z a-z 0-9 - _" };

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

/** Returns what SearchOrders lists. Throws INVALID_REQUEST that names each wrong field. */
export function searchOf({ number, text, pageSize, pageToken, ...request }: SearchOrdersRequest): SearchOrders {
  const filters = readFilters("orders.kontor");
  const isNumber = number === "" || readOrderNumber(number) !== undefined;
  filters.check(isNumber, violation("number", "WRONG_FORMAT", { example: "K-7Q4M-2X9P" }));
  const words = wordsOf(text);
  if (lengthOf(text) > MAX_TEXT) filters.check(false, violation("text", "TOO_LONG", { max: MAX_TEXT }));
  else if (text.includes("\0")) filters.check(false, violation("text", "CONTROL_CHARACTERS"));
  else filters.check(text.trim() === "" || words.length > 0, violation("text", "NO_LETTER"));
  const { numbers, ...found } = textFilter(text.trim());
  const filter = {
    status: filters.choice("status", OrderStatusSchema, request.status, statuses),
    placedFrom: filters.time("placedFrom", request.placedFrom),
    placedUntil: filters.time("placedUntil", request.placedUntil),
    userId: filters.id("userId", request.userId, ID),
    numbers: [readOrderNumber(number), ...numbers].filter((one) => one !== undefined),
    sku: filters.id("sku", request.sku, ID),
    sort: filters.choice("orderBy", OrderSortSchema, request.orderBy, sorts) ?? "newest",
    ...found,
  };
  filters.end();
  return { filter, pageSize, pageToken };
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
