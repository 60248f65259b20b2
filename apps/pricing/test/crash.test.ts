import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { openDatabase } from "@kontor/postgres";
import { createClient } from "@kontor/rpc";
import { PricingService } from "@kontor/shop/contracts/pricing/v1/pricing_service";
import {
  childEnvironment,
  createServiceIdentities,
  eventually,
  freePort,
  rowsOf,
  startNats,
  startPostgres,
} from "@kontor/testing";
import { afterAll, describe, expect, it } from "vitest";

const ORDERS = 32;
const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const promotionId = "limited";
const postgres = await startPostgres();
const nats = await startNats();
const identities = createServiceIdentities();
const children: ChildProcess[] = [];
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await nats.stop();
  await postgres.stop();
});

async function startPricing(urls: { url: string; runUrl: string }, failpoint = "") {
  const grpcPort = String(await freePort());
  const metricsPort = String(await freePort());
  const env = childEnvironment({
    GRPC_PORT: grpcPort,
    METRICS_PORT: metricsPort,
    DATABASE_URL: urls.runUrl,
    DATABASE_OWNER_URL: urls.url,
    NATS_URL: nats.url,
    SERVICE_KEYS: identities.keysFile,
    KONTOR_FAILPOINT: failpoint,
    KONTOR_EXIT_WITH_PARENT: "1",
  });
  const child = spawn(process.execPath, [MAIN], { stdio: ["pipe", "ignore", "inherit"], env });
  children.push(child);
  await eventually(async () => expect((await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).status).toBe(200));
  const identity = identities.of("orders");
  return { child, pricing: createClient(PricingService, { address: `127.0.0.1:${grpcPort}`, identity }) };
}

describe("pricing killed while orders take uses", () => {
  it.each(["pricing.uses-written", "pricing.uses-committed"])(
    "counts and publishes the uses of each order once when they are taken again, at %s",
    async (point) => {
      const database = await postgres.createDatabase("pricing", { owner: true });
      const orders = Array.from({ length: ORDERS }, (_, index) => `order-${index}`);
      const first = await startPricing(database, point);
      const holdAll = ({ pricing }: typeof first) =>
        Promise.all(orders.map((orderId) => pricing.holdUses({ orderId, uses: [{ promotionId }] })));
      const dead = once(first.child, "exit");
      await expect(holdAll(first)).rejects.toThrow();
      expect((await dead)[1]).toBe("SIGKILL");
      first.pricing[Symbol.dispose]();

      const second = await startPricing(database);
      await eventually(() => holdAll(second), { timeoutMs: 20_000 });
      const db = openDatabase({ url: database.url, service: "test", max: 1 });
      const uses = await rowsOf(db, "SELECT uses::int FROM use_counts WHERE customer = ''");
      expect(uses).toEqual([{ uses: ORDERS }]);
      const published = await rowsOf(db, "SELECT count(*)::int AS n, count(DISTINCT key)::int AS orders FROM outbox");
      expect(published).toEqual([{ n: ORDERS, orders: ORDERS }]);
      await db.close();
      second.pricing[Symbol.dispose]();
      second.child.kill("SIGTERM");
      await once(second.child, "exit");
    },
    60_000,
  );
});
