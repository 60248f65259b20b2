import { randomBytes } from "node:crypto";
import type { Database } from "@kontor/postgres";
import { orderErrors } from "../domain/errors.ts";
import { isGuest, isOrderId } from "../domain/order.ts";
import type { OrderLinks, Orders } from "../ports.ts";

const TOKEN_BYTES = 32;

type Deps = {
  readonly db: Pick<Database, "transaction">;
  readonly links: Pick<OrderLinks, "add">;
  readonly orders: Pick<Orders, "find">;
};

/** Makes a token that opens the order of a guest. Throws ORDER_NOT_FOUND, also for orders of users, who have to log in. */
export function createLink({ db, links, orders }: Deps) {
  return async (orderId: string): Promise<string> => {
    const order = isOrderId(orderId) ? await orders.find(orderId) : undefined;
    if (order === undefined || !isGuest(order)) throw orderErrors.ORDER_NOT_FOUND({ orderId });
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    await db.transaction((tx) => links.add(tx, orderId, token));
    return token;
  };
}
