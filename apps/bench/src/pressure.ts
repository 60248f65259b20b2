import { setTimeout as delay } from "node:timers/promises";
import { logIn } from "@kontor/launcher";
import { Agent } from "undici";
import { postOrder } from "./post-order.ts";
import type { ShopUnderTest } from "./shop-under-test.ts";

/** The clients' results: responses by status, and the time of accepted and refused requests in milliseconds. */
export type Pressure = {
  readonly seconds: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly acceptedMs: readonly number[];
  readonly refusedMs: readonly number[];
};

export type Terms = {
  readonly clients: number;
  readonly durationMs: number;
  /** Whether a refused client waits for the time in Retry-After; otherwise it sends its next order at once. */
  readonly patient: boolean;
};

/** Clients that place one order after the other without waiting for their outcomes. */
export async function press(
  { run }: Pick<ShopUnderTest, "run">,
  products: readonly string[],
  { clients, durationMs, patient }: Terms,
): Promise<Pressure> {
  const { accessToken } = await logIn(run.gateway, run.accounts.shopper.email, run.accounts.shopper.password);
  const agent = new Agent({ connections: clients });
  const statuses: Record<string, number> = {};
  const acceptedMs: number[] = [];
  const refusedMs: number[] = [];
  const began = performance.now();
  const until = began + durationMs;

  async function place(productId: string): Promise<void> {
    const started = performance.now();
    const { statusCode, headers, body } = await postOrder(run.gateway, agent, accessToken, productId);
    await body.text();
    statuses[statusCode] = (statuses[statusCode] ?? 0) + 1;
    (statusCode === 201 ? acceptedMs : refusedMs).push(performance.now() - started);
    const seconds = Number(headers["retry-after"]);
    const waitMs = Math.min(seconds * 1_000 * (0.5 + Math.random()), until - performance.now());
    if (patient && statusCode !== 201 && waitMs > 0) await delay(waitMs);
  }

  async function client(_: unknown, index: number): Promise<void> {
    for (let n = index; performance.now() < until; n += 1) {
      await place(products[n % products.length] ?? "").catch((error: { code?: string }) => {
        const name = error.code ?? "failed";
        statuses[name] = (statuses[name] ?? 0) + 1;
      });
    }
  }

  try {
    await Promise.all(Array.from({ length: clients }, client));
    return { seconds: (performance.now() - began) / 1_000, statuses, acceptedMs, refusedMs };
  } finally {
    await agent.close();
  }
}
