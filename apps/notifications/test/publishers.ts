import { createMessaging, messagingTables, type OutgoingEvent, outbox } from "@kontor/messaging";
import { migrate, openDatabase } from "@kontor/postgres";
import { topology } from "@kontor/shop";
import { createLogger } from "@kontor/telemetry";
import type { Postgres } from "@kontor/testing";

const log = createLogger({ service: "test", level: "silent" });

export type Publisher = "users" | "orders" | "payments";

/** The publishing services, reduced to an outbox and a relay each. */
export interface Publishers {
  publish(by: Publisher, ...events: readonly OutgoingEvent[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startPublishers(postgres: Postgres, natsUrl: string): Promise<Publishers> {
  const open = async (service: Publisher) => {
    const { url } = await postgres.createDatabase(service);
    const db = openDatabase({ url, service, max: 2 });
    await migrate({ url, folders: [messagingTables], log });
    const messaging = createMessaging({
      ...{ db, service, nats: { natsUrl: [natsUrl] }, topology, log },
      settings: { reconcileIntervalMs: 200, pollMs: 20 },
    });
    await messaging.start();
    return { db, messaging };
  };
  const all = { users: await open("users"), orders: await open("orders"), payments: await open("payments") };
  return {
    publish: (by, ...events) => all[by].db.transaction((tx) => outbox.append(tx, events)),
    async stop() {
      for (const { db, messaging } of Object.values(all)) {
        await messaging.stop();
        await db.close();
      }
    },
  };
}
