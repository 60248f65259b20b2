import { setTimeout as delay } from "node:timers/promises";
import { anOrder, type OrderBody, type Problem, type Shopper } from "./shop.ts";

/** The responses for one key: `201 <order>` or `<status> <reason>` for each definite response. */
export type KeyHistory = { readonly key: string; readonly answers: readonly string[] };

const RETRY_MS = 200;
/** Refusals that do not settle the key. */
const OPEN = new Set(["IDEMPOTENCY_IN_FLIGHT", "OVERLOADED"]);

type Answer = { readonly status: number; readonly text: string; readonly reason: string | undefined };

/** Repeats a request until its response is definite. `copies` requests run concurrently; each result describes the response of one. */
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
      if (performance.now() > until) throw new Error(`a key has no response: ${received?.text}`);
      await delay(RETRY_MS);
    }
  }

  return Promise.all(Array.from({ length: copies }, answer));
}

/**
 * Places an order like a persistent client: repeats the same request under its key until the response is definite. `copies` requests run
 * concurrently. Resolves when all have their response; rejects if one has none after `withinMs`.
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
