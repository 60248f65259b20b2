import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { openDatabase } from "@kontor/postgres";
import { createClient } from "@kontor/rpc";
import { ShippingService } from "@kontor/shop/contracts/shipping/v1/shipping_service";
import { createServiceIdentities, eventually, freePort, rowsOf, startNats, startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { API_KEY, aParcel, SECRET, startCarrier } from "./shop.ts";

const postgres = await startPostgres();
const nats = await startNats();
const identities = createServiceIdentities();
const children: ChildProcess[] = [];
let carrier: Awaited<ReturnType<typeof startCarrier>>;
beforeAll(async () => {
  carrier = await startCarrier();
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await carrier.stop();
  await nats.stop();
  await postgres.stop();
});

async function startShipping(urls: { url: string; runUrl: string }, failpoint = "") {
  const [grpcPort, metricsPort] = [await freePort(), await freePort()];
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main], {
    stdio: ["pipe", "ignore", "inherit"],
    env: {
      ...process.env,
      ...{ GRPC_PORT: String(grpcPort), METRICS_PORT: String(metricsPort), KONTOR_EXIT_WITH_PARENT: "1" },
      ...{ DATABASE_URL: urls.runUrl, DATABASE_OWNER_URL: urls.url, NATS_URL: nats.url },
      ...{ SERVICE_KEYS: identities.keysFile, KONTOR_FAILPOINT: failpoint },
      ...{ CARRIER_URL: carrier.url, CARRIER_API_KEY: API_KEY, CARRIER_WEBHOOK_SECRET: SECRET },
    },
  });
  children.push(child);
  await eventually(async () => expect((await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).status).toBe(200));
  const address = `127.0.0.1:${grpcPort}`;
  return { child, shipping: createClient(ShippingService, { address, identity: identities.of("orders") }) };
}

describe("shipping killed between flights", () => {
  it.each(["shipping.begun", "shipping.saved"])(
    "books and publishes 32 parcels once each when they are dispatched again, at %s",
    async (point) => {
      const database = await postgres.createDatabase("shipping", { owner: true });
      const parcels = Array.from({ length: 32 }, () => aParcel());
      const first = await startShipping(database, point);
      const dispatchAll = ({ shipping }: typeof first) =>
        Promise.all(parcels.map((parcel) => shipping.dispatchShipment(parcel)));
      const dead = once(first.child, "exit");
      await expect(dispatchAll(first)).rejects.toThrow();
      expect((await dead)[1]).toBe("SIGKILL");
      first.shipping[Symbol.dispose]();
      const second = await startShipping(database);
      await eventually(() => dispatchAll(second), { timeoutMs: 20_000 });
      const db = openDatabase({ url: database.url, service: "test", max: 1 });
      const published = await rowsOf(db, "SELECT count(*)::int AS n, count(DISTINCT key)::int AS orders FROM outbox");
      expect(published).toEqual([{ n: 32, orders: 32 }]);
      for (const { orderId } of parcels) expect(await carrier.shipments(orderId)).toHaveLength(1);
      await db.close();
      second.shipping[Symbol.dispose]();
      second.child.kill("SIGTERM");
      await once(second.child, "exit");
    },
    60_000,
  );
});
