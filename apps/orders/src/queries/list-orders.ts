import { invalid } from "@kontor/errors";
import { isOrderId, type Order } from "../domain/order.ts";
import type { Orders } from "../ports.ts";

export type ListOrders = { readonly userId: string; readonly pageSize: number; readonly pageToken: string };

const DEFAULT_PAGE = 20;
const MAX_PAGE = 100;

/** Lists a page of a user's orders, newest first. */
export function listOrders({ orders }: { orders: Pick<Orders, "list"> }) {
  return async ({ userId, pageSize, pageToken }: ListOrders) => {
    if (pageSize < 0 || pageSize > MAX_PAGE) throw bad("pageSize", `Must be 1 to ${MAX_PAGE}, not ${pageSize}.`);
    const limit = pageSize || DEFAULT_PAGE;
    const after = pageToken === "" ? {} : { after: decode(pageToken) };
    const found = await orders.list(userId, { ...after, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return { orders: page, nextPageToken: found.length > limit && last !== undefined ? encode(last) : "" };
  };
}

function encode({ placedAt, orderId }: Order): string {
  return Buffer.from(`${placedAt.getTime()} ${orderId}`).toString("base64url");
}

function decode(token: string): { placedAt: Date; id: string } {
  const [time = "", id = "", ...rest] = Buffer.from(token, "base64url").toString().split(" ");
  if (!/^\d{1,15}$/.test(time) || !isOrderId(id) || rest.length > 0)
    throw bad("pageToken", "Not a token that a page of this list has given.");
  return { placedAt: new Date(Number(time)), id };
}

function bad(field: string, description: string) {
  return invalid([{ field, description }], "orders.kontor");
}
