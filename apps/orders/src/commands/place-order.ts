import { randomUUIDv7 } from "node:crypto";
import { invalid } from "@kontor/errors";
import { type Database, pipelined } from "@kontor/postgres";
import { newOrder, type Order } from "../domain/order.ts";
import {
  checkStock,
  checkWish,
  type PaymentMethods,
  placement,
  priceLines,
  type Wish,
  weightOf,
} from "../domain/place.ts";
import type { Catalog, Inventory, Orders, PlacementKey, Sagas, Shipping, Users } from "../ports.ts";

export type PlaceOrder = { readonly wish: Wish; readonly key: PlacementKey };

type Needs = {
  readonly db: Database;
  readonly orders: Orders;
  readonly sagas: Sagas;
  readonly catalog: Catalog;
  readonly users: Users;
  readonly inventory: Inventory;
  readonly shipping: Shipping;
  readonly now: () => Date;
  readonly paymentMethods: PaymentMethods;
};

/** Places an order once per key, at the shop's prices, and begins its checkout in the same transaction. */
export function placeOrder(needs: Needs) {
  const { db, orders, sagas, now } = needs;
  return async ({ wish, key }: PlaceOrder): Promise<{ order: Order; replayed: boolean }> => {
    checkWish(wish, needs.paymentMethods);
    const earlier = await orders.placedBy(key);
    if (earlier !== undefined) return { order: earlier, replayed: true };
    try {
      const order = newOrder(placement(randomUUIDv7(), wish, await agree(needs, wish)), now());
      await db.transaction((tx) => pipelined([orders.place(tx, key, order), sagas.beginCheckout(tx, order)]));
      return { order, replayed: false };
    } catch (error) {
      // A request with this key may have been quicker, and the reason why this one is refused: it took the last unit.
      const first = await orders.placedBy(key);
      if (first === undefined) throw error;
      return { order: first, replayed: true };
    }
  };
}

async function agree({ catalog, users, inventory, shipping }: Needs, wish: Wish) {
  const [quotes, address] = await Promise.all([
    catalog.quote(wish.items),
    users.resolveAddress(wish.userId, wish.shippingAddressId),
  ]);
  if (address === undefined) throw unknownAddress(wish.shippingAddressId);
  const lines = priceLines(wish.items, quotes);
  const weightGrams = weightOf(lines, quotes);
  const currency = quotes[0]?.unitPrice.currency ?? "";
  const [available, shippingTotal] = await Promise.all([
    inventory.availability(lines.map((line) => line.sku)),
    shipping.quote({ method: wish.shippingMethod, country: address.country, weightGrams, currency }),
  ]);
  checkStock(lines, available);
  return { lines, currency, weightGrams, shippingTotal, address };
}

function unknownAddress(addressId: string) {
  return invalid([{ field: "shippingAddressId", description: `You have no address ${addressId}.` }], "orders.kontor");
}
