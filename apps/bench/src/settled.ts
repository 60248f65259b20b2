import { setTimeout as delay } from "node:timers/promises";
import { serviceNames } from "@kontor/shop";
import pg from "pg";
import { databaseUrlOf, type ShopUnderTest } from "./shop-under-test.ts";

const WITHIN_MS = 120_000;
/** Messages that were just published are consumed within this time. */
const QUIET_MS = 1_500;

const UNFINISHED: Readonly<Record<string, string>> = {
  orders: "SELECT count(*)::int AS n FROM orders WHERE stage IN ('placed', 'confirmed', 'shipped')",
  notifications: "SELECT count(*)::int AS n FROM notifications WHERE status = 'queued'",
};
const UNSENT = "SELECT count(*)::int AS n FROM outbox WHERE published_at IS NULL";

/** Resolves when all orders are delivered, all events published and all mails sent. */
export async function settled(shop: ShopUnderTest): Promise<void> {
  const clients = serviceNames.map((name) => ({
    name,
    client: new pg.Client({ connectionString: databaseUrlOf(shop)(name) }),
  }));
  const count = async ({ name, client }: (typeof clients)[number]) => {
    const texts = [UNSENT, UNFINISHED[name]].flatMap((text) => text ?? []);
    const counts = await Promise.all(texts.map((text) => client.query<{ n: number }>(text)));
    return counts.reduce((sum, { rows }) => sum + Number(rows[0]?.n), 0);
  };
  const deadline = performance.now() + WITHIN_MS;
  try {
    await Promise.all(clients.map(({ client }) => client.connect()));
    for (let quietSince = performance.now(); performance.now() - quietSince < QUIET_MS; await delay(100)) {
      const counts = await Promise.all(clients.map(count));
      if (counts.some((open) => open > 0)) quietSince = performance.now();
      if (performance.now() > deadline) throw new Error("Orders, events or mails are still open.");
    }
  } finally {
    await Promise.all(clients.map(({ client }) => client.end()));
  }
}
