import { create, toBinary } from "@bufbuild/protobuf";
import { PaymentAuthorisedSchema } from "@kontor/contracts/payments/v1/events";
import { type Database, migrate, openDatabase } from "@kontor/postgres";
import { startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aPlacement, at } from "../src/domain/fixtures.ts";
import { newOrder } from "../src/domain/order.ts";
import { orderConsumers } from "../src/inbound/events.ts";
import { createOrderStore } from "../src/outbound/order-store.ts";
import type { Sagas } from "../src/ports.ts";

const postgres = await startPostgres();
let db: Database;
beforeAll(async () => {
  const { url } = await postgres.createDatabase("orders", { owner: true });
  const log = { info: () => undefined };
  await migrate({ url, folder: new URL("../prisma/migrations/", import.meta.url), log });
  db = openDatabase({ url, service: "test", max: 1 });
});
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

describe("hearing that a payment is authorised", () => {
  it("wakes the checkout whose shopper was asked, on the one connection that the transaction has", async () => {
    const orders = createOrderStore(db);
    const woken: string[] = [];
    const sagas: Partial<Sagas> = { wakeCheckout: async (_, orderId) => void woken.push(orderId) };
    const consumers = orderConsumers({ orders, sagas: sagas as Sagas, now: () => at });
    const handler = consumers
      .flatMap(({ handlers }) => handlers)
      .find(({ type }) => type.endsWith("PaymentAuthorised"));
    const hear = handler?.prepare(toBinary(PaymentAuthorisedSchema, create(PaymentAuthorisedSchema)));
    const hearing = (orderId: string) =>
      db.transaction((tx) => hear?.({ tx, id: "", type: "", key: orderId, time: at }) ?? Promise.resolve());

    for (const orderId of ["asked", "not-asked"]) {
      await db.transaction((tx) => orders.place(tx, newOrder(aPlacement({ orderId }), at)));
    }
    await db.transaction((tx) =>
      orders.change(tx, "asked", () => [{ type: "payment-action-required", actionUrl: "https://bank.example", at }]),
    );
    for (const orderId of ["asked", "not-asked"]) await hearing(orderId);
    expect(woken).toEqual(["asked"]);
  });
});
