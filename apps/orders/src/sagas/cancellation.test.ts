import type { Tx } from "@kontor/postgres";
import type { StepContext } from "@kontor/saga";
import { describe, expect, it } from "vitest";
import type { CancelReason } from "../domain/cancel.ts";
import { anOrder, at } from "../domain/fixtures.ts";
import type { Order, OrderEvent } from "../domain/order.ts";
import { type CancellationServices, defineCancellations } from "./cancellation.ts";

/** The cancellation of this order, and the events it records. */
function cancelling(
  order: Order,
  { now = at, reason, ended = false }: { now?: Date; reason?: CancelReason; ended?: boolean } = {},
) {
  const recorded: OrderEvent[] = [];
  const change = async (_tx: Tx, _id: string, decide: (order: Order) => readonly OrderEvent[]) => {
    recorded.push(...decide(order));
    return order;
  };
  const saga = defineCancellations({ orders: { change }, now: () => now }).at(-1);
  const services = {
    orders: { find: async () => order },
    checkouts: { ended: async () => ended },
  } as Partial<CancellationServices> as CancellationServices;
  return {
    recorded,
    await: () => saga?.steps[0]?.run({ orderId: order.orderId }, services, {} as StepContext),
    complete: () => saga?.onCompleted?.({} as Tx, { orderId: order.orderId, reason }, "s-1"),
  };
}

const later = (ms: number) => new Date(at.getTime() + ms);

describe("cancelling past the point of no return", () => {
  it("ends with the order cancelled", async () => {
    const { complete, recorded } = cancelling(anOrder({ type: "confirmed", at }));
    await complete();
    expect(recorded).toMatchObject([{ type: "cancelled", reason: "CANCELLED_BY_CUSTOMER" }]);
  });

  it("ends with the order cancelled by the shop when staff requested it", async () => {
    const { complete, recorded } = cancelling(anOrder({ type: "confirmed", at }), { reason: "CANCELLED_BY_SHOP" });
    await complete();
    expect(recorded).toMatchObject([{ type: "cancelled", reason: "CANCELLED_BY_SHOP" }]);
  });

  it("leaves an order alone that was rejected after all", async () => {
    const { complete, recorded } = cancelling(
      anOrder({ type: "rejected", reason: "RESERVATION_EXPIRED", detail: "", at }),
    );
    await complete();
    expect(recorded).toEqual([]);
  });

  it("waits for a checkout in flight, the longer the less often", async () => {
    expect(await cancelling(anOrder()).await()).toMatchObject({ kind: "wait", until: 500 });
    expect(await cancelling(anOrder(), { now: later(8_000) }).await()).toMatchObject({ kind: "wait", until: 8_000 });
    expect(await cancelling(anOrder(), { now: later(86_400_000) }).await()).toMatchObject({
      kind: "wait",
      until: 60_000,
    });
    expect(await cancelling(anOrder({ type: "confirmed", at })).await()).toEqual({ kind: "next" });
    expect(await cancelling(anOrder(), { ended: true }).await()).toEqual({ kind: "next" });
  });
});
