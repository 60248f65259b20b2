import { createMemoryIdempotency } from "@kontor/idempotency/memory-idempotency";
import { createRowQueue, type Database } from "@kontor/postgres";
import { createMemoryEngine, type MemoryEngine } from "@kontor/saga/memory-engine";
import { createTestClock } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { cancelOrder } from "../src/commands/cancel-order.ts";
import { endCheckout } from "../src/commands/end-checkout.ts";
import { placeOrder } from "../src/commands/place-order.ts";
import { anOrderRequest } from "../src/domain/fixtures.ts";
import type { Order } from "../src/domain/order.ts";
import { sagaRunner } from "../src/outbound/saga-runner.ts";
import type { Admission } from "../src/ports.ts";
import { defineCancellation } from "../src/sagas/cancellation.ts";
import { CHECKOUT, defineCheckouts } from "../src/sagas/checkout.ts";
import { createMemoryCallees } from "./memory-callees.ts";
import { createMemoryOrders } from "./memory-orders.ts";

const DEADLINE_MS = 600_000;

/** Creates the commands and sagas of orders with all that they need in memory. Time passes when a test says so. */
export function openMemoryShop() {
  const clock = createTestClock();
  const { now } = clock;
  const memory = createMemoryDatabase();
  const db = memory as Pick<Database, "transaction"> as Database;
  const orders = createMemoryOrders(memory);
  const callees = createMemoryCallees();
  const checkouts = {
    ended: async (orderId: string): Promise<boolean> =>
      ["completed", "compensated"].includes(engine.phaseOf(CHECKOUT, orderId) ?? ""),
  };
  const definitions = [
    ...defineCheckouts({ orders, now, deadlineMs: DEADLINE_MS }),
    defineCancellation({ orders, now }),
  ];
  const services = { ...callees, orders, checkouts };
  const engine: MemoryEngine = createMemoryEngine({ db: memory, sagas: definitions, services, clock });
  const sagas = sagaRunner(engine);
  const queue = createRowQueue();
  const numbers: number[] = [];
  const admission: Admission = { admit: async () => () => undefined };
  const place = placeOrder({
    share: (work) => db.transaction(work),
    ...{ orders, sagas, admission, now, idempotency: createMemoryIdempotency(memory) },
    ...callees,
    random: () => numbers.shift() ?? Math.floor(Math.random() * 2 ** 40),
    paymentMethods: { names: ["card"], has: (method) => method === "card" },
  });
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
    /** Cancels an order as it is now. */
    cancel: async ({ orderId }: Pick<Order, "orderId">, by = "u-1") => {
      const order = await orders.find(orderId);
      if (order === undefined) throw new Error(`There is no order ${orderId}.`);
      return cancel({ order, by, reason: "I changed my mind." });
    },
    endCheckout: (orderId: string) => end({ orderId, by: "s-1", reason: "It cannot be finished." }),
    /** Returns the types of the events of an order, without the first. */
    events: async (orderId: string) => (await orders.history(orderId)).slice(1).map(({ type }) => type),
  };
}
