import { money } from "@kontor/money";
import type { Database, Tx } from "@kontor/postgres";
import { describe, expect, it } from "vitest";
import { orderErrors } from "../domain/errors.ts";
import { anOrder, aPlacement, aQuote, aWish } from "../domain/fixtures.ts";
import type { Order } from "../domain/order.ts";
import type { Orders, Sagas } from "../ports.ts";
import { placeOrder } from "./place-order.ts";

const key = { userId: "u-1", key: "k-1", requestHash: Buffer.from("hash") };

/** A shop without stock. `placedBy` answers what the key has placed, each time it is asked. */
function aShop({ placedBy, weightGrams = 300 }: { placedBy: Orders["placedBy"]; weightGrams?: number }) {
  const unused = async () => {
    throw new Error("Nothing may be stored.");
  };
  return placeOrder({
    db: { transaction: unused as Database["transaction"] } as Database,
    orders: { placedBy, place: unused } as Partial<Orders> as Orders,
    sagas: { beginCheckout: unused as (tx: Tx, order: Order) => Promise<void> } as Sagas,
    catalog: { quote: async () => [aQuote({ weightGrams })] },
    users: { resolveAddress: async () => aPlacement().address },
    inventory: {
      ...{ availability: async () => new Map(), reserve: unused, commit: unused, release: unused, takeBack: unused },
    },
    shipping: { quote: async () => money("EUR", 490n), dispatch: unused, recall: unused },
    now: () => new Date(0),
    paymentMethods: { rule: "", has: () => true },
  });
}

describe("placing an order", () => {
  it("answers the first order when a request with the same key took the last unit meanwhile", async () => {
    const first = anOrder();
    const answers = [undefined, first];
    const place = aShop({ placedBy: async () => answers.shift() });
    expect(await place({ wish: aWish(), key })).toEqual({ order: first, replayed: true });
  });

  it("is refused for another body when a request with the same key was quicker", async () => {
    let asked = 0;
    const place = aShop({
      placedBy: async () => {
        if (asked++ > 0) throw orderErrors.IDEMPOTENCY_KEY_REUSED();
        return undefined;
      },
    });
    await expect(place({ wish: aWish(), key })).rejects.toThrow(
      expect.objectContaining({ reason: "IDEMPOTENCY_KEY_REUSED" }),
    );
  });

  it("is refused for what is wrong when the key has placed nothing", async () => {
    const place = aShop({ placedBy: async () => undefined });
    await expect(place({ wish: aWish(), key })).rejects.toThrow(expect.objectContaining({ reason: "OUT_OF_STOCK" }));
  });
});
