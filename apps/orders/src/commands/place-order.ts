import { invalid, violation } from "@kontor/errors";
import { type CallLimits, type Idempotency, requestHash } from "@kontor/idempotency";
import type { Catalog, Inventory, Shipping, Users } from "../callees.ts";
import type { Order } from "../domain/order.ts";
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
import type { Admission, Orders } from "../ports.ts";
import { type PlacingDeps, placing } from "./placing.ts";

export type PlaceOrder = {
  readonly orderRequest: OrderRequest;
  readonly key: string;
  readonly call: CallLimits;
  /** Throws if the request violates the rules of its contract. Called for new keys only. */
  readonly validate: () => void;
};

type Deps = PlacingDeps & {
  readonly idempotency: Idempotency;
  readonly orders: Pick<Orders, "placed">;
  readonly admission: Admission;
  readonly catalog: Catalog;
  readonly users: Users;
  readonly inventory: Inventory;
  readonly shipping: Shipping;
  readonly paymentMethods: PaymentMethods;
};

/**
 * Places an order once per key of the user, at the shop's prices. One transaction settles the key, stores the order and begins its
 * checkout. Throws OVERLOADED while the shop admits no new orders. A refusal settles the key too: a changed request needs a new key.
 */
export function placeOrder(deps: Deps) {
  const { idempotency, orders, admission } = deps;
  const place = placing(deps);

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
        const order = await place(claim, (ids) => placement(ids, orderRequest, priced));
        if (order === undefined) throw new Error("An order without a cart was not stored.");
        return order;
      },
      replay: orders.placed,
    });
    const { value: order, replayed } = await placed.finally(() => leave());
    return { order, replayed };
  };
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
