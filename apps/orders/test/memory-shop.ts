import { createMemoryIdempotency } from "@kontor/idempotency/memory-idempotency";
import { createRowQueue, type Database, type Tx } from "@kontor/postgres";
import { createMemoryEngine, type MemoryEngine } from "@kontor/saga/memory-engine";
import { createTestClock } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { addToCart } from "../src/commands/add-to-cart.ts";
import { cancelOrder } from "../src/commands/cancel-order.ts";
import { changeCart, createCart, openCart } from "../src/commands/change-cart.ts";
import { checkoutCart } from "../src/commands/checkout-cart.ts";
import { endCheckout } from "../src/commands/end-checkout.ts";
import { mergeCart } from "../src/commands/merge-cart.ts";
import { placeOrder } from "../src/commands/place-order.ts";
import { priceCart } from "../src/commands/price-cart.ts";
import { updateCart } from "../src/commands/update-cart.ts";
import { anOrderRequest } from "../src/domain/fixtures.ts";
import type { Order } from "../src/domain/order.ts";
import { sagaRunner } from "../src/outbound/saga-runner.ts";
import type { Admission } from "../src/ports.ts";
import { findCart, type Shopper } from "../src/queries/find-cart.ts";
import { defineCancellations } from "../src/sagas/cancellation.ts";
import { CHECKOUT, defineCheckouts } from "../src/sagas/checkout.ts";
import { createMemoryCallees } from "./memory-callees.ts";
import { createMemoryCarts, createMemoryLinks } from "./memory-carts.ts";
import { createMemoryOrders } from "./memory-orders.ts";

const DEADLINE_MS = 600_000;

/** Creates the commands and sagas of orders with all dependencies in memory. The test controls the time. */
export function openMemoryShop() {
  const clock = createTestClock();
  const { now } = clock;
  const memory = createMemoryDatabase();
  const db = memory as Pick<Database, "transaction"> as Database;
  const orders = createMemoryOrders(memory);
  const callees = createMemoryCallees();
  const [carts, links] = [createMemoryCarts(memory), createMemoryLinks(memory)];
  const checkouts = {
    ended: async (orderId: string): Promise<boolean> =>
      ["completed", "compensated"].includes(engine.phaseOf(CHECKOUT, orderId) ?? ""),
  };
  const definitions = [
    ...defineCheckouts({ orders, carts, now, deadlineMs: DEADLINE_MS }),
    ...defineCancellations({ orders, now }),
  ];
  const services = { ...callees, orders, checkouts };
  const engine: MemoryEngine = createMemoryEngine({ db: memory, sagas: definitions, services, clock });
  const sagas = sagaRunner(engine);
  const queue = createRowQueue();
  const numbers: number[] = [];
  const admission: Admission = { admit: async () => () => undefined };
  const placing = {
    share: <T>(work: (tx: Tx) => Promise<T>) => db.transaction(work),
    ...{ orders, sagas, admission, now, idempotency: createMemoryIdempotency(memory) },
    random: () => numbers.shift() ?? Math.floor(Math.random() * 2 ** 40),
    paymentMethods: { names: ["card"], has: (method: string) => method === "card" },
  };
  const place = placeOrder({ ...placing, ...callees });
  const priced = priceCart({ ...callees, orders });
  const cartDeps = { carts, findCart: findCart({ carts }), priceCart: priced, now, queue: createRowQueue() };
  const detailOf = () => ({ type: "shop.orders.v1.Cart", value: new Uint8Array() });
  const checkout = checkoutCart({ ...cartDeps, ...placing, links, detailOf });
  const cancel = cancelOrder({ db, orders, sagas, now, queue });
  const end = endCheckout({ db, orders, sagas, now, queue });
  return {
    ...{ clock, orders, callees, engine, sagas, numbers, memory, admission },
    /** Places an order of the user `u-1`. */
    place: (key = "k-1", overrides: Parameters<typeof anOrderRequest>[0] = {}) =>
      place({
        orderRequest: anOrderRequest(overrides),
        key,
        call: { deadline: new Date(Date.now() + 10_000), signal: new AbortController().signal },
        validate: () => undefined,
      }),
    /** Cancels an order in its present state. */
    cancel: async ({ orderId }: Pick<Order, "orderId">, by = "u-1") => {
      const order = await orders.find(orderId);
      if (order === undefined) throw new Error(`There is no order ${orderId}.`);
      return cancel({ order, by, reason: "I changed my mind." });
    },
    ...{ carts, links, priceCart: priced, findCart: cartDeps.findCart },
    createCart: createCart(cartDeps),
    openCart: openCart(cartDeps),
    changeCart: changeCart(cartDeps),
    addToCart: addToCart({ ...cartDeps, catalog: callees.catalog }),
    updateCart: updateCart({ ...cartDeps, users: callees.users }),
    mergeCart: mergeCart(cartDeps),
    /** Checks out a cart by its id, for a guest unless a shopper is given. */
    checkout: (cartId: string, version: string, key = "k-1", shopper: Shopper = { userId: undefined }) =>
      checkout({
        ...{ cartId, version, key, shopper, paymentMethod: "card", locale: "de" },
        call: { deadline: new Date(Date.now() + 10_000), signal: new AbortController().signal },
        validate: () => undefined,
      }),
    endCheckout: (orderId: string) => end({ orderId, by: "s-1", reason: "It cannot be finished." }),
    /** Returns the types of the events of an order, without the first. */
    events: async (orderId: string) => (await orders.history(orderId)).slice(1).map(({ type }) => type),
  };
}
