import { describe, expect, it } from "vitest";
import type { Order } from "../domain/order.ts";
import type { Orders } from "../ports.ts";
import { findOrder } from "./find-order.ts";
import { listOrders } from "./list-orders.ts";

const unasked = async () => {
  throw new Error("PostgreSQL must not be queried for texts that it cannot store.");
};
const orders: Pick<Orders, "find" | "findByNumber" | "list"> = { find: unasked, findByNumber: unasked, list: unasked };

describe("an impossible one", () => {
  it.each(["", "\0", "a\0", "a".repeat(65)])("is no order: %j", async (orderId) => {
    const found = findOrder({ orders })(orderId, { userId: "u-1", readsAny: true });
    await expect(found).rejects.toThrow(expect.objectContaining({ reason: "ORDER_NOT_FOUND" }));
  });

  it.each(["x", "MSBh", "W10"])("is no page: %j", async (pageToken) => {
    const page = listOrders({ orders })({ userId: "u-1", pageSize: 0, pageToken });
    await expect(page).rejects.toThrow(expect.objectContaining({ reason: "INVALID_REQUEST" }));
  });

  it("is no page of another user's orders", async () => {
    const found = Array.from({ length: 2 }, () => ({ orderId: "O-1", placedAt: new Date(1) }) as Order);
    const list = listOrders({ orders: { list: async () => found } });
    const { nextPageToken: pageToken } = await list({ userId: "u-1", pageSize: 1 });
    await expect(list({ userId: "u-1", pageSize: 1, pageToken })).resolves.toMatchObject({
      items: [{ orderId: "O-1" }],
    });
    const ofAnother = list({ userId: "u-2", pageSize: 1, pageToken });
    await expect(ofAnother).rejects.toThrow(
      expect.objectContaining({ violations: [expect.objectContaining({ field: "pageToken" })] }),
    );
  });
});

describe("the texts that name an order", () => {
  const id = "0f5c1c4e-5a3b-4d0a-9c53-2c1c7ad0a8f1";
  const placed = { orderId: id, number: "K-7Q4M-2X9P", userId: "u-1" } as Order;
  const known: Pick<Orders, "find" | "findByNumber"> = {
    find: async (orderId) => (orderId === id ? placed : undefined),
    findByNumber: async (number) => (number === placed.number ? placed : undefined),
  };

  it.each([id, id.toUpperCase(), "K-7Q4M-2X9P", "k-7q4m-2x9p", "k7q4m2x9p", " K 7Q4M 2X9P ", "K–7Q4M–2X9P"])(
    "is its id or its number in any form: %s",
    async (named) => {
      expect(await findOrder({ orders: known })(named, { userId: "u-1", readsAny: false })).toBe(placed);
    },
  );
});
