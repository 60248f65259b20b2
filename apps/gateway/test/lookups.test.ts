import { randomUUID } from "node:crypto";
import { KontorError } from "@kontor/errors";
import { NotificationsService } from "@kontor/shop/contracts/notifications/v1/notifications_service";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

const id = randomUUID();
const missing = new KontorError({
  code: "NOT_FOUND",
  reason: "ORDER_NOT_FOUND",
  domain: "orders.shop",
  message: "No.",
});
let shop: Shop;
beforeAll(async () => {
  shop = await startShop({}, [NotificationsService]);
});
beforeEach(() => {
  shop.seen.splice(0);
  shop.script = async (rpc, request) => {
    if (rpc !== "getOrder") return {};
    const { orderId } = request as unknown as { orderId: string };
    if (orderId !== id && !/^k.?7q4m.?2x9p$/iu.test(orderId)) throw missing;
    return { order: { id, version: 1 } };
  };
});
afterAll(() => shop.stop());

const token = () => shop.token("u1", "orders.read payments.read orders.read.any notifications.read");
const get = (path: string) => shop.fetch(path, { headers: { Authorization: `Bearer ${token()}` } });
const idsOf = (rpc: string) =>
  shop.seen
    .filter((call) => call.rpc === rpc)
    .map(({ request }) => (request as unknown as { orderId: string }).orderId);

describe("an order in a path or a filter", () => {
  it.each([
    ["getPaymentByOrder", (order: string) => `/api/v1/orders/${order}/payment`],
    ["getShipmentByOrder", (order: string) => `/api/v1/orders/${order}/shipment`],
    ["getPaymentByOrder", (order: string) => `/api/v1/orders/${order}/details`],
    ["listOrderHistory", (order: string) => `/api/v1/orders/${order}/details`],
    ["listPayments", (order: string) => `/api/v1/payments?orderId=${order}`],
    ["listShipments", (order: string) => `/api/v1/shipments?orderId=${order}`],
    ["listNotifications", (order: string) => `/api/v1/notifications?orderId=${order}`],
  ])("reaches %s as its id, for each form of the number", async (rpc, pathOf) => {
    for (const order of ["K-7Q4M-2X9P", "k7q4m2x9p", "K%207Q4M%202X9P", "K%E2%80%937Q4M%E2%80%932X9P"])
      expect((await get(pathOf(order))).status).toBe(200);
    expect(idsOf(rpc)).toEqual([id, id, id, id]);
  });

  it("is not looked up if it is an id", async () => {
    await get(`/api/v1/orders/${id}/payment`);
    expect(shop.seen.map(({ rpc }) => rpc)).toEqual(["getPaymentByOrder"]);
  });

  it("is looked up in the caller's name; an order that the caller may not read does not exist", async () => {
    const response = await get("/api/v1/orders/K-0000-0000/payment");
    expect([response.status, await response.json()]).toEqual([
      404,
      expect.objectContaining({ reason: "ORDER_NOT_FOUND" }),
    ]);
    expect(shop.seen.map(({ rpc, context }) => [rpc, context.principal?.subject])).toEqual([["getOrder", "u1"]]);
  });
});
