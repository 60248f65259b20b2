import { describe, expect, it } from "vitest";
import { anOrder, at } from "../domain/fixtures.ts";
import { apply } from "../domain/order.ts";
import { watchOrder } from "./watch-order.ts";

describe("watching an order", () => {
  it("that is delivered while a cancellation is being decided ends with the decision", async () => {
    const cancelling = anOrder(
      { type: "confirmed", at },
      { type: "cancellation-requested", by: "u-1", reason: "", at },
    );
    const delivered = apply(apply(cancelling, { type: "shipped", at }), { type: "completed", at });
    const decided = apply(delivered, { type: "cancellation-refused", detail: "The carrier has it.", at });
    const stages = [delivered, decided];
    const watch = watchOrder({ orders: { find: async () => stages.shift(), changed: async () => undefined } });
    const seen = await Array.fromAsync(watch(cancelling, new AbortController().signal));
    expect(seen).toEqual([cancelling, delivered, decided]);
  });
});
