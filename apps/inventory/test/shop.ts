import { randomUUID } from "node:crypto";
import { isKontorError } from "@kontor/errors";
import { type Database, openDatabase } from "@kontor/postgres";
import { createClient, type RpcClient } from "@kontor/rpc";
import { startService } from "@kontor/service";
import { InventoryService } from "@kontor/shop/contracts/inventory/v1/inventory_service";
import { createLogger } from "@kontor/telemetry";
import { createIssuer, createServiceIdentities, rowsOf, startNats, startPostgres } from "@kontor/testing";
import { inventoryApp } from "../src/app.ts";

const identities = createServiceIdentities(["orders", "shipping"]);

/** Inventory on real servers, and its callers. */
export interface Shop {
  readonly orders: RpcClient<typeof InventoryService>;
  readonly db: Database;
  readonly url: string;
  /** Metadata of a user with these scopes. */
  user(...scopes: string[]): { metadata: { authorization: string } };
  /** The token of another service for inventory. */
  serviceToken(service: string): string;
  /** Returns a SKU of this test only, with units at these locations. */
  sku(units: Readonly<Record<string, number>>): Promise<string>;
  /** Events published under a key, in order. */
  events(key: string): Promise<{ type: string; payload: Buffer }[]>;
  /** The SKUs whose books do not agree. */
  unbalanced(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startShop(options: { reservationTtlMs?: number; sweepIntervalMs?: number } = {}): Promise<Shop> {
  const postgres = await startPostgres();
  const database = await postgres.createDatabase("inventory", { owner: true });
  const nats = await startNats();
  const issuer = createIssuer();
  const service = await startService(
    { ...inventoryApp, build: async (context) => ({ ...(await inventoryApp.build(context)), keys: issuer.keys }) },
    {
      databaseUrl: database.runUrl,
      databaseOwnerUrl: database.url,
      natsUrl: [nats.url],
      serviceKeys: identities.keysFile,
      tokenIssuer: issuer.issuer,
      tokenAudience: issuer.audience,
      sweepIntervalMs: 50,
      announceIntervalMs: 20,
      ...options,
    },
    createLogger({ service: "test", level: "error" }),
  );
  const orders = createClient(InventoryService, {
    address: `127.0.0.1:${service.grpcPort}`,
    identity: identities.of("orders"),
  });
  const db = openDatabase({ url: database.url, service: "test", max: 2 });
  const user = (...scopes: string[]) => ({ metadata: { authorization: `Bearer ${issuer.tokenOf("U-1", scopes)}` } });
  return {
    orders,
    db,
    url: database.url,
    user,
    serviceToken: (service) => identities.tokenOf(service, InventoryService.typeName),
    async sku(units) {
      const sku = `sku-${randomUUID()}`;
      for (const [id, quantity] of Object.entries(units)) {
        await orders.createLocation({ location: { id, name: id } }, user("inventory.write"));
        const delivery = { sku, locationId: id, quantity, reason: "", reference: randomUUID() };
        if (quantity > 0) await orders.restock(delivery, user("inventory.write"));
      }
      return sku;
    },
    events: (key) => rowsOf(db, "SELECT type, payload FROM outbox WHERE key = $1 ORDER BY seq", [key]),
    async unbalanced() {
      const rows = await rowsOf<{ sku: string }>(db, "SELECT sku FROM stock_audit WHERE NOT balanced");
      return rows.map(({ sku }) => sku);
    },
    async stop() {
      orders[Symbol.dispose]();
      await service.stop();
      await db.close();
      await nats.stop();
      await postgres.stop();
    },
  };
}

export function anOrder(...items: readonly { sku: string; quantity: number }[]) {
  return { orderId: randomUUID(), items: [...items] };
}

/** Why a call was refused, "none" if it was not. */
export function reasonOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "none",
    (error: unknown) => (isKontorError(error) ? error.reason : error),
  );
}
