import { defineService } from "@kontor/service";
import { shop } from "@kontor/shop";
import { OrdersService } from "@kontor/shop/contracts/orders/v1/orders_service";
import { deliverDue } from "./commands/deliver-due.ts";
import { resendNotification } from "./commands/resend-notification.ts";
import { settings } from "./config.ts";
import { notificationConsumers } from "./inbound/events.ts";
import { notificationsService } from "./inbound/grpc.ts";
import { createSender } from "./inbound/sender.ts";
import { domainOf, writeMail } from "./mails/write-mail.ts";
import { deliveries, watchOverdue } from "./outbound/delivery-metrics.ts";
import { createNotificationStore } from "./outbound/notification-store.ts";
import { orderLinks } from "./outbound/orders-client.ts";
import { recipientStore } from "./outbound/recipient-store.ts";
import { notificationRetention } from "./outbound/retention.ts";
import { createSmtpTransport } from "./outbound/smtp-transport.ts";
import { findNotification } from "./queries/find-notification.ts";
import { listNotifications } from "./queries/list-notifications.ts";

/** How long a mail belongs to one sender: longer than the mail server may take. */
const LEASE_MS = 120_000;

/** Longest interval between queries for due mails. */
const IDLE_MS = 5_000;

/** The notifications service. */
export const notificationsApp = defineService({
  system: shop,
  name: "notifications",
  settings,
  migrations: new URL("../prisma/migrations/", import.meta.url),
  build({ config, db, log, client }) {
    const { smtpUrl, mailFrom, shopName, mailMaxAttempts: maxAttempts, mailRetryBaseMs: retryBaseMs } = config;
    const notifications = createNotificationStore(db);
    const transport = createSmtpTransport({ url: smtpUrl, from: mailFrom });
    const deliver = deliverDue({
      notifications,
      transport,
      linkFor: orderLinks(client(OrdersService, config.ordersAddress), config.orderPage),
      write: writeMail({ shop: shopName, domain: domainOf(mailFrom) }),
      patience: { maxAttempts, retryBaseMs, random: Math.random },
      leaseMs: LEASE_MS,
      onAttempt({ id, story: { template }, send, attempt }, { kind: outcome }) {
        deliveries.inc({ template, outcome });
        const facts = { notificationId: id, template, send, attempt, outcome };
        if (outcome === "taken") log.info(facts, "mail delivered");
        else log.warn(facts, "mail not delivered");
      },
    });
    const sender = createSender({
      deliver,
      pauseMs: Math.min(retryBaseMs, 1_000),
      idleMs: Math.min(5 * retryBaseMs, IDLE_MS),
      onFailure: (err) => log.error({ err }, "due mails not claimed; retrying"),
    });
    watchOverdue(notifications);
    return {
      services: [
        notificationsService({
          listNotifications: listNotifications({ notifications }),
          findNotification: findNotification({ notifications }),
          resendNotification: resendNotification({ notifications, wake: sender.wake }),
        }),
      ],
      consumers: notificationConsumers({ recipients: recipientStore, notifications, wake: sender.wake }),
      retention: notificationRetention(config.notificationRetention),
      background: [{ start: () => undefined, stop: transport.close }, sender],
    };
  },
});
