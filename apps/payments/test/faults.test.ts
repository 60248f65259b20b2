import { isKontorError } from "@kontor/errors";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { anOrder, type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

/** Repeats a call until it has an outcome, like a saga; a refusal is an outcome. */
const insist = (call: () => Promise<unknown>) =>
  eventually(
    () =>
      call().catch((error: unknown) => {
        if (!isKontorError(error) || error.code === "UNAVAILABLE") throw error;
        return error.reason;
      }),
    { timeoutMs: 20_000 },
  );

it("agrees with the provider to the cent after its responses were lost, refused, doubled and reordered", async () => {
  const order = (n: number) => anOrder({ minor: BigInt(1000 + n), currency: "CHF" });
  const orders = Array.from({ length: 40 }, (_, n) => order(n));
  await shop.psp.control({ dropAnswersEvery: 3, failNext: 15, duplicateWebhooks: true, reorderWebhooks: true });
  await Promise.all(
    orders.map(async (request, n) => {
      const { orderId } = request;
      const options = { idempotent: false };
      if (n % 4 === 0) void shop.payments.authorisePayment(request, options).catch(() => undefined);
      else await insist(() => shop.payments.authorisePayment(request, options));
      if (n % 4 <= 1) await insist(() => shop.payments.voidPayment({ orderId }, options));
      else await insist(() => shop.payments.capturePayment({ orderId }, options));
      if (n % 4 === 3) await insist(() => shop.payments.refundOrder({ orderId, reason: "Cancelled." }, options));
    }),
  );
  await shop.psp.control({ dropAnswersEvery: 0, failNext: 0 });
  await shop.db.query("UPDATE operations SET next_attempt_at = now() WHERE state = 'started'");

  const captured = orders.filter((_, n) => n % 4 >= 2).reduce((sum, { amount }) => sum + Number(amount.minor), 0);
  const refunded = orders.filter((_, n) => n % 4 === 3).reduce((sum, { amount }) => sum + Number(amount.minor), 0);
  const expected = { captured, refunded, net: captured - refunded };
  expect(await shop.psp.balance("CHF")).toMatchObject(expected);
  const [ours] = await shop.db.query(
    "SELECT sum(amount)::int AS net FROM ledger_entries WHERE account = 'provider-receivable' AND currency = 'CHF'",
  );
  expect(ours).toEqual({ net: expected.net });
  await eventually(async () => {
    for (const [n, { orderId }] of orders.entries()) {
      const history = await shop.psp.history(orderId);
      const [row] = await shop.db.query("SELECT status FROM payments WHERE order_id = $1", [orderId]);
      const last = ["voided", "voided", "captured", "refunded"][n % 4];
      expect(row?.status).toBe(last);
      if (history.length > 0) expect(history.at(-1)).toBe(`payment.${last}`);
      expect(history.filter((type) => type === "payment.authorised").length).toBeLessThan(2);
    }
  });
  for (const { orderId } of orders) {
    const events = await shop.events(orderId);
    expect(new Set(events).size).toBe(events.length);
  }
});
