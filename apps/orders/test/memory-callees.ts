import { money } from "@kontor/money";
import type { Catalog, Inventory, Payments, Pricing, Shipping, Users } from "../src/callees.ts";
import { aPlacement, aQuote } from "../src/domain/fixtures.ts";
import { plainPricing } from "./plain-pricing.ts";

/** The services that orders calls, in memory: they record calls and respond with a test's script. */
export interface MemoryCallees {
  /** The calls that change something, in order. */
  readonly calls: string[];
  /** The behaviour of a call instead of success: throws, or returns another result. By its name. */
  readonly on: Partial<Record<string, (nth: number) => unknown>>;
  readonly catalog: Catalog;
  readonly users: Users;
  readonly inventory: Inventory;
  readonly payments: Payments;
  readonly shipping: Shipping;
  readonly pricing: Pricing;
}

/** Creates callees that accept all calls of orders. */
export function createMemoryCallees(): MemoryCallees {
  const calls: string[] = [];
  const on: MemoryCallees["on"] = {};
  const counts = new Map<string, number>();
  async function respond<T>(name: string, result: T): Promise<T> {
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    return ((await on[name]?.(nth)) as T | undefined) ?? result;
  }
  function call<T>(name: string, result: T): Promise<T> {
    calls.push(name);
    return respond(name, result);
  }
  return {
    calls,
    on,
    catalog: {
      quote: (items) =>
        respond(
          "quote",
          items.map(({ productId }) => aQuote({ productId })),
        ),
    },
    users: { resolveAddress: () => respond("address", aPlacement().address) },
    inventory: {
      availability: (skus) => respond("stock", { units: new Map(skus.map((sku) => [sku, 10])), lowStock: 5 }),
      reserve: () => call("reserve", undefined),
      commit: () => call<"committed" | "closed">("commit", "committed"),
      release: () => call("release", undefined),
      takeBack: () => call("take back", undefined),
    },
    payments: {
      authorise: () => call("authorise", { status: "authorised", paymentId: "p-1" } as const),
      capture: () => call("capture", undefined),
      void: () => call("void", undefined),
      refund: () => call<"refunded" | "partly">("refund", "refunded"),
    },
    shipping: {
      quote: () => respond("rate", money("EUR", 490n)),
      dispatch: () => call<string | undefined>("dispatch", "TRACK-7"),
      recall: () => call<"recalled" | "gone">("recall", "recalled"),
    },
    pricing: {
      price: async (request) => respond("price", await plainPricing.price(request)),
      holdUses: () => call<{ status: "held" | "used up" }>("hold uses", { status: "held" }),
      releaseUses: () => call("release uses", undefined),
    },
  };
}
