import { describe, expect, it } from "vitest";
import type { Orders } from "../ports.ts";
import { findOrder } from "./find-order.ts";
import { listOrders } from "./list-orders.ts";

const unasked = async () => {
  throw new Error("PostgreSQL must not be asked for what it cannot hold.");
};
const orders: Pick<Orders, "find" | "list"> = { find: unasked, list: unasked };
const token = (text: string) => Buffer.from(text).toString("base64url");

describe("what cannot be", () => {
  it.each(["", "\0", "a\0", "a".repeat(65)])("is no order: %j", async (orderId) => {
    const found = findOrder({ orders })(orderId, { userId: "u-1", readsAny: true });
    await expect(found).rejects.toThrow(expect.objectContaining({ reason: "ORDER_NOT_FOUND" }));
  });

  it.each(["1 \0", "1 a\0", "1 ", "x a", "1 a b", "9999999999999999 a"])("is no page: %j", async (cursor) => {
    const page = listOrders({ orders })({ userId: "u-1", pageSize: 0, pageToken: token(cursor) });
    await expect(page).rejects.toThrow(expect.objectContaining({ reason: "INVALID_REQUEST" }));
  });
});
