import { randomUUID } from "node:crypto";
import { eventually, rowsOf } from "@kontor/testing";
import { type KeyHistory, placeUntilAnswered, untilAnswered } from "./order-history.ts";
import type { Shop, Shopper } from "./shop.ts";

type Done = KeyHistory & { readonly kind: "restock" | "adjust" | "refund"; readonly amount: number };

const COPIES = 3;
const REFUND = 100;
const TOTAL = 1_200;

/** A member of staff who refunds one order in parts and books the stock of one SKU, each request in several copies under one key. */
export async function staffAtWork(shop: Shop, shopper: Shopper) {
  const sku = await shop.product(0);
  const product = await shop.product(10, { price: TOTAL });
  const { answers } = await placeUntilAnswered(shopper, product, {});
  const orderId = answers[0]?.slice(4) ?? "";
  const payment = await eventually(
    async () => {
      const query = "SELECT id, refunded FROM payments WHERE order_id = $1 AND status = 'captured'";
      const [found] = await rowsOf<{ id: string }>(shop.database("payments"), query, [orderId]);
      if (found === undefined) throw new Error("The order is not paid.");
      return found;
    },
    { timeoutMs: 30_000 },
  );
  const history: Done[] = [];

  async function request(kind: Done["kind"], amount: number): Promise<void> {
    const key = randomUUID();
    const path = kind === "refund" ? `/api/v1/payments/${payment.id}:refund` : `/api/v1/stock/${sku}:${kind}`;
    const body = {
      restock: { locationId: "BER", quantity: amount, reason: "found", reference: key },
      adjust: { locationId: "BER", delta: amount, reason: "lost", reference: key },
      refund: { amount: { currency: "EUR", minor: amount }, reason: "scratched", idempotencyKey: key },
    }[kind];
    const send = async () => {
      const { status, text } = await shop.staff.send("POST", path, body);
      return { status, text, reason: status >= 400 ? JSON.parse(text).reason : undefined };
    };
    const received = await untilAnswered(send, ({ status }) => String(status), { copies: COPIES });
    history.push({ key, kind, amount, answers: received });
  }

  return {
    history,
    /** Works until the signal aborts. Some requests are refused, such as a loss of missing units or a refund of unpaid money. */
    async work(over: AbortSignal): Promise<void> {
      for (let n = 0; !over.aborted; n += 1) {
        await request("restock", 3);
        await request("adjust", -4);
        if (n % 4 === 0) await request("refund", REFUND);
      }
    },
    /** Returns the keys with several responses, and effects that did not happen exactly once. */
    async violations(): Promise<string[]> {
      const found = history
        .filter(({ answers: received }) => new Set(received).size !== 1)
        .map(({ key, kind, answers: received }) => `${kind} ${key} has the responses ${received.join(" and ")}`);
      const sumOf = (...kinds: Done["kind"][]) =>
        history
          .filter(({ kind, answers: received }) => kinds.includes(kind) && received[0]?.startsWith("2"))
          .reduce((sum, { amount }) => sum + amount, 0);
      const { available } = await shop.stockOf(sku);
      if (available !== sumOf("restock", "adjust"))
        found.push(`${available} units are available, ${sumOf("restock", "adjust")} were booked`);
      const refunded = sumOf("refund");
      const query = "SELECT captured::int - refunded::int AS kept, refunded::int FROM payments WHERE id = $1";
      const [row] = await rowsOf<{ kept: number; refunded: number }>(shop.database("payments"), query, [payment.id]);
      if (row?.refunded !== refunded) found.push(`${row?.refunded} were refunded, ${refunded} requested`);
      const charged = await shop.charged(orderId);
      if (charged !== row?.kept) found.push(`the provider has ${charged}, the payment ${row?.kept}`);
      return found;
    },
  };
}
