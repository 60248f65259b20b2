import { describe, expect, it } from "vitest";
import type { Order } from "../domain/order.ts";
import type { Orders } from "../ports.ts";
import { findOrder } from "./find-order.ts";
import { listOrders } from "./list-orders.ts";

const unasked = async () => {
  throw new Error("PostgreSQL must not be asked for what it cannot hold.");
};
const orders: Pick<Orders, "find" | "findByNumber" | "list"> = { find: unasked, findByNumber: unasked, list: unasked };

describe("what cannot be", () => {
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
