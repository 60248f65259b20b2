import { createMessaging, messagingTables, type OutgoingEvent, outbox } from "@kontor/messaging";
import { migrate, openDatabase } from "@kontor/postgres";
import { startService } from "@kontor/service";
import { topology } from "@kontor/shop";
import { createLogger } from "@kontor/telemetry";
import { createIssuer, startNats, startPostgres } from "@kontor/testing";
import { ordersApp } from "../src/app.ts";
import { startScriptedCallees } from "./scripted-callees.ts";

/** Starts orders with PostgreSQL and NATS, and scripted servers in place of the services that it calls. */
export async function startOrders() {
  const log = createLogger({ service: "test", level: "silent" });
  const issuer = createIssuer();
  const callees = await startScriptedCallees();
  const [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  const database = await postgres.createDatabase("orders", { owner: true });
  const { address } = callees;
  const service = await startService(
    { ...ordersApp, build: async (context) => ({ ...(await ordersApp.build(context)), keys: issuer.keys }) },
    {
      ...{ databaseUrl: database.runUrl, databaseOwnerUrl: database.url, natsUrl: [nats.url] },
      ...{ tokenIssuer: issuer.issuer, tokenAudience: issuer.audience },
      ...{ catalogAddress: address, usersAddress: address, inventoryAddress: address },
      ...{ paymentsAddress: address, shippingAddress: address, pricingAddress: address, paymentMethods: ["card"] },
    },
    log,
  );
  const db = openDatabase({ url: database.url, service: "test", max: 2 });
  const publishers: { stop(): Promise<void> }[] = [];

  /** Starts a service as far as orders consume its events: an outbox and a relay. */
  async function startPublisher(name: "payments" | "shipping" | "users") {
    const { url } = await postgres.createDatabase(name);
    const own = openDatabase({ url, service: name, max: 2 });
    await migrate({ url, folders: [messagingTables], log: { info: () => undefined } });
    const messaging = createMessaging({ db: own, service: name, nats: { natsUrl: [nats.url] }, topology, log });
    await messaging.start();
    const stop = async () => {
      await messaging.stop();
      await own.close();
    };
    publishers.push({ stop });
    return (...events: readonly OutgoingEvent[]) => own.transaction((tx) => outbox.append(tx, events));
  }

  return {
    callees,
    issuer,
    db,
    startPublisher,
    at: { address: `127.0.0.1:${service.grpcPort}`, timeoutMs: 20_000 },
    async stop() {
      await service.stop();
      for (const { stop } of publishers) await stop();
      await callees.stop();
      await db.close();
      await nats.stop();
      await postgres.stop();
    },
  };
}
