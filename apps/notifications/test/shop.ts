import { type DeadLetter, deadLetters, type OutgoingEvent } from "@kontor/messaging";
import { type Database, openDatabase } from "@kontor/postgres";
import { createClient } from "@kontor/rpc";
import { type RunningService, startService } from "@kontor/service";
import { NotificationsService } from "@kontor/shop/contracts/notifications/v1/notifications_service";
import { type Nats, startNats, startPostgres } from "@kontor/testing";
import { notificationsApp } from "../src/app.ts";
import { type MailSink, startMailSink } from "./mail-sink.ts";
import { type Publisher, startPublishers } from "./publishers.ts";
import { AUDIENCE, ISSUER, keys, tokenWith } from "./tokens.ts";

export const MAIL_MAX_ATTEMPTS = 4;

export const STAFF = tokenWith("notifications.read", "notifications.write");

/** Notifications on real servers: PostgreSQL, NATS, a mail server, and the outboxes of its publishers. */
export interface Shop {
  readonly db: Database;
  readonly nats: Nats;
  readonly mail: MailSink;
  publish(by: Publisher, ...events: readonly OutgoingEvent[]): Promise<void>;
  deadLetters(): Promise<DeadLetter[]>;
  /** Calls with the rights of that token. */
  as(token: string): ReturnType<typeof connect>;
  /** Another replica on the same database. */
  startReplica(): Promise<RunningService>;
  stop(): Promise<void>;
}

export async function startShop(): Promise<Shop> {
  const postgres = await startPostgres();
  const database = await postgres.createDatabase("notifications", { owner: true });
  const nats = await startNats();
  const mail = await startMailSink();
  const publishers = await startPublishers(postgres, nats.url);
  const startReplica = () =>
    startService(
      { ...notificationsApp, build: async (context) => ({ ...(await notificationsApp.build(context)), keys }) },
      {
        ...{ databaseUrl: database.runUrl, databaseOwnerUrl: database.url, natsUrl: [nats.url] },
        ...{ tokenIssuer: ISSUER, tokenAudience: AUDIENCE, mailFrom: "Kontor <shop@kontor.example>" },
        ...{ smtpUrl: mail.smtpUrl, mailMaxAttempts: MAIL_MAX_ATTEMPTS, mailRetryBaseMs: 20 },
      },
    );
  const service = await startReplica();
  const db = openDatabase({ url: database.url, service: "test", max: 2 });
  const clients: { [Symbol.dispose](): void }[] = [];
  return {
    ...{ db, nats, mail, startReplica, publish: publishers.publish },
    deadLetters: async () => (await deadLetters(db).list()).letters,
    as(token) {
      const client = connect(service.grpcPort, token);
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client[Symbol.dispose]();
      await service.stop();
      await publishers.stop();
      await db.close();
      await mail.dispose();
      await nats.stop();
      await postgres.stop();
    },
  };
}

function connect(port: number, token: string) {
  const client = createClient(NotificationsService, {
    address: `127.0.0.1:${port}`,
  });
  const metadata = { authorization: `Bearer ${token}` };
  return {
    get: async (notificationId: string) =>
      (await client.getNotification({ notificationId }, { metadata })).notification,
    list: (filter: Parameters<typeof client.listNotifications>[0]) => client.listNotifications(filter, { metadata }),
    resend: async (notificationId: string) =>
      (await client.resendNotification({ notificationId }, { metadata })).notification,
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}
