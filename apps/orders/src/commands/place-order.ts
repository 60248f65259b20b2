import { randomUUIDv7 } from "node:crypto";
import type { SharedTransactions } from "@kontor/batch";
import { invalid, isKontorError, violation } from "@kontor/errors";
import { type CallLimits, type Idempotency, requestHash } from "@kontor/idempotency";
import { pipelined } from "@kontor/postgres";
import { newOrder, type Order } from "../domain/order.ts";
import { orderNumber } from "../domain/order-number.ts";
import {
  checkShippingAddress,
  checkStock,
  type OrderRequest,
  type PaymentMethods,
  placement,
  priceLines,
  validatePaymentMethod,
  weightOf,
} from "../domain/place.ts";
import type { Admission, Catalog, Inventory, Orders, Sagas, Shipping, Users } from "../ports.ts";

export type PlaceOrder = {
  readonly orderRequest: OrderRequest;
  readonly key: string;
  readonly call: CallLimits;
  /** Throws if the request violates the rules of its contract. Called for new keys only. */
  readonly validate: () => void;
};

type Deps = {
  /** Orders that are placed at the same time share a transaction. */
  readonly share: SharedTransactions;
  readonly idempotency: Idempotency;
  readonly orders: Orders;
  readonly sagas: Sagas;
  readonly admission: Admission;
  readonly catalog: Catalog;
  readonly users: Users;
  readonly inventory: Inventory;
  readonly shipping: Shipping;
  readonly now: () => Date;
  /** Returns an unguessable number of NUMBER_BITS bits. */
  readonly random: () => number;
  readonly paymentMethods: PaymentMethods;
};

const NUMBER_ATTEMPTS = 5;

/**
 * Places an order once per key of the user, at the shop's prices. One transaction settles the key, stores the order and
 * begins its checkout. Throws OVERLOADED while the shop admits no new orders. A refusal settles the key, too: a changed request needs a new key.
 */
export function placeOrder(deps: Deps) {
  const { share, idempotency, orders, sagas, admission, now } = deps;

  return async ({ orderRequest, key, call, validate }: PlaceOrder): Promise<{ order: Order; replayed: boolean }> => {
    const request = { scope: orderRequest.userId, key, hash: requestHash(orderRequest) };
    let leave = () => {};
    const placed = idempotency.once(request, {
      call,
      async admit() {
        validate();
        validatePaymentMethod(orderRequest, deps.paymentMethods);
        leave = await admission.admit();
      },
      async perform(claim) {
        const priced = await price(deps, orderRequest);
        return withFreeNumber(async (number) => {
          const order = newOrder(placement({ orderId: randomUUIDv7(), number }, orderRequest, priced), now());
          await share((tx) =>
            pipelined([claim.settle(tx, order.orderId), orders.place(tx, order), sagas.beginCheckout(tx, order)]),
          );
          return order;
        }, deps.random);
      },
      replay: orders.placed,
    });
    const { value: order, replayed } = await placed.finally(() => leave());
    return { order, replayed };
  };
}

/** Repeats the transaction with another number while an order has that number. */
async function withFreeNumber<T>(place: (number: string) => Promise<T>, random: () => number): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await place(orderNumber(random()));
    } catch (error) {
      if (attempt === NUMBER_ATTEMPTS || !isKontorError(error, "ORDER_NUMBER_TAKEN")) throw error;
    }
  }
}

/** Validates an order request against the present state of other services, and prices it. */
async function price({ catalog, users, inventory, shipping }: Deps, orderRequest: OrderRequest) {
  const [quotes, address] = await Promise.all([
    catalog.quote(orderRequest.items),
    users.resolveAddress(orderRequest.userId, orderRequest.shippingAddressId),
  ]);
  if (address === undefined) throw unknownAddress(orderRequest.shippingAddressId);
  checkShippingAddress(address);
  const lines = priceLines(orderRequest.items, quotes);
  const weightGrams = weightOf(lines, quotes);
  const currency = quotes[0]?.unitPrice.currency ?? "";
  const [available, shippingTotal] = await Promise.all([
    inventory.availability(lines.map((line) => line.sku)),
    shipping.quote({ method: orderRequest.shippingMethod, country: address.country, weightGrams, currency }),
  ]);
  checkStock(lines, available);
  return { lines, currency, weightGrams, shippingTotal, address };
}

function unknownAddress(addressId: string) {
  return invalid([violation("shippingAddressId", "NOT_FOUND", { id: addressId })], "orders.shop");
}
