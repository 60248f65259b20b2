import { setTimeout as delay } from "node:timers/promises";
import { anOrder, type OrderBody, type Problem, type Shopper } from "./shop.ts";

/** What clients received for one key: `201 <order>` or `<status> <reason>` for each definite answer. */
export type KeyHistory = { readonly key: string; readonly answers: readonly string[] };

const RETRY_MS = 200;
/** Refusals that say nothing of the outcome of the key. */
const OPEN = new Set(["IDEMPOTENCY_IN_FLIGHT", "OVERLOADED"]);

type Answer = { readonly status: number; readonly text: string; readonly reason: string | undefined };

/** Sends a request again until its answer is definite. `copies` requests run side by side; each result describes the answer of one. */
export async function untilAnswered(
  send: () => Promise<Answer>,
  describe: (answer: Answer) => string,
  { copies = 1, withinMs = 90_000 } = {},
): Promise<string[]> {
  const until = performance.now() + withinMs;

  async function answer(): Promise<string> {
    for (;;) {
      const received = await send().catch(() => undefined);
      const { status = 0, reason = "" } = received ?? {};
      if (received && status >= 200 && status < 300) return describe(received);
      if (status >= 400 && status < 500 && status !== 429 && !OPEN.has(reason)) return `${status} ${reason}`;
      if (performance.now() > until) throw new Error(`a key has no answer: ${received?.text}`);
      await delay(RETRY_MS);
    }
  }

  return Promise.all(Array.from({ length: copies }, answer));
}

/**
 * Places an order as a client does that does not give up: repeats the same request under its key until the answer is definite. `copies`
 * requests run side by side. Resolves when all have their answer; rejects if one has none after `withinMs`.
 */
export async function placeUntilAnswered(
  shopper: Shopper,
  productId: string,
  overrides: Record<string, unknown>,
  options?: { copies?: number; withinMs?: number },
): Promise<KeyHistory> {
  const body = anOrder(productId, overrides);
  const send = async () => {
    const { status, text, body: content } = await shopper.request<OrderBody & Problem>("POST", "/api/v1/orders", body);
    return { status, text, reason: content?.reason };
  };
  const describe = ({ status, text }: Answer) => `${status} ${JSON.parse(text).id}`;
  return { key: body.idempotencyKey, answers: await untilAnswered(send, describe, options) };
}
