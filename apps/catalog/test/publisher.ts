import { createMessaging, event, messagingTables, outbox } from "@kontor/messaging";
import { migrate, openDatabase } from "@kontor/postgres";
import { topology } from "@kontor/shop";
import { StockChangedSchema } from "@kontor/shop/contracts/inventory/v1/events";
import { createLogger } from "@kontor/telemetry";
import { startPostgres } from "@kontor/testing";

/** An inventory that does nothing but publish. */
export async function publisher(servers: string) {
  const { url } = await (await startPostgres()).createDatabase("inventory");
  const db = openDatabase({ url, service: "inventory", max: 3 });
  const log = createLogger({ service: "inventory", level: "silent" });
  await migrate({ url, folders: [messagingTables], log });
  const messaging = createMessaging({ db, service: "inventory", nats: { natsUrl: [servers].flat() }, topology, log });
  await messaging.start();
  return {
    publishStock: (sku: string, available: number, version: number) =>
      db.transaction((tx) => outbox.append(tx, [event(StockChangedSchema, { sku, available, version }, { key: sku })])),
    async close() {
      await messaging.drain();
      await messaging.stop();
      await db.close();
    },
  };
}
