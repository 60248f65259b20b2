import { setTimeout as delay } from "node:timers/promises";
import { anOrder, type OrderBody, type Problem, type Shopper } from "./shop.ts";

/** What clients received for one key: `201 <order>` or `<status> <reason>` for each definite answer. */
export type KeyHistory = { readonly key: string; readonly answers: readonly string[] };

const RETRY_MS = 200;
/** Refusals that say nothing of the outcome of the key. */
const OPEN = new Set(["IDEMPOTENCY_IN_FLIGHT", "OVERLOADED"]);

/**
 * Places an order as a client does that does not give up: repeats the same request under its key until the answer is definite. `copies`
 * requests run side by side. Resolves when all have their answer; rejects if one has none after `withinMs`.
 */
export async function placeUntilAnswered(
  shopper: Shopper,
  productId: string,
  overrides: Record<string, unknown>,
  { copies = 1, withinMs = 90_000 } = {},
): Promise<KeyHistory> {
  const body = anOrder(productId, overrides);
  const until = performance.now() + withinMs;

  async function answer(): Promise<string> {
    for (;;) {
      const received = await shopper
        .request<OrderBody & Problem>("POST", "/api/v1/orders", body)
        .catch(() => undefined);
      const { status = 0, body: content } = received ?? {};
      if (status === 201) return `201 ${content?.id}`;
      if (status >= 400 && status < 500 && status !== 429 && !OPEN.has(content?.reason ?? ""))
        return `${status} ${content?.reason}`;
      if (performance.now() > until) throw new Error(`key ${body.idempotencyKey} has no answer: ${received?.text}`);
      await delay(RETRY_MS);
    }
  }

  return { key: body.idempotencyKey, answers: await Promise.all(Array.from({ length: copies }, answer)) };
}
