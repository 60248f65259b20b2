import { isKontorError } from "@kontor/errors";
import type { RpcClient } from "@kontor/rpc";
import type { OrdersService } from "@kontor/shop/contracts/orders/v1/orders_service";
import type { Due } from "../ports.ts";

/** What stands for the user of an order without an account. */
const GUEST = "guest:";

/**
 * Returns a function that makes the link of a mail about an order without an account: the page with a token of orders. Users log in and get
 * no link, nor does an order that a user adopted.
 */
export function orderLinks(orders: Pick<RpcClient<typeof OrdersService>, "createOrderLink">, page: string) {
  return async ({ recipient: { userId }, story }: Pick<Due, "recipient" | "story">): Promise<string | undefined> => {
    if (!userId.startsWith(GUEST)) return undefined;
    try {
      const { token } = await orders.createOrderLink({ orderId: story.facts.orderId });
      return `${page}#token=${token}`;
    } catch (error) {
      if (isKontorError(error, "ORDER_NOT_FOUND")) return undefined;
      throw error;
    }
  };
}
