import { randomUUIDv7 } from "node:crypto";
import { invalid } from "@kontor/errors";
import type { Database } from "@kontor/postgres";
import type { Order } from "../domain/order.ts";
import { checkStock, checkWish, placement, priceLines, type Wish, weightOf } from "../domain/place.ts";
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
};

/** Places an order once per key, at the shop's prices, and begins its checkout in the same transaction. */
export function placeOrder(needs: Needs) {
  const { db, orders, sagas, now } = needs;
  return async ({ wish, key }: PlaceOrder): Promise<{ order: Order; replayed: boolean }> => {
    checkWish(wish);
    const earlier = await orders.placedBy(key);
    if (earlier !== undefined) return { order: earlier, replayed: true };
    const agreed = await agree(needs, wish);
    const placed = await db.transaction(async (tx) => {
      const order = await orders.place(tx, key, placement(randomUUIDv7(), wish, agreed), now());
      if (order !== undefined) await sagas.beginCheckout(tx, order);
      return order;
    });
    if (placed !== undefined) return { order: placed, replayed: false };
    const first = await orders.placedBy(key);
    if (first === undefined) throw new Error(`Key of user ${key.userId} is taken, but no order is known for it.`);
    return { order: first, replayed: true };
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
