import { duration, integer, text, url } from "@kontor/config";

/** The settings of notifications, in addition to those of every service. */
export const settings = {
  smtpUrl: url("SMTP_URL", {
    secret: true,
    protocols: ["smtp", "smtps"],
    userInfo: true,
    query: ["requireTLS", "ignoreTLS", "name", "authMethod", "tls.rejectUnauthorized", "tls.servername"],
    doc: "The mail server, with user and password if it requires them.",
  }),
  ordersAddress: text("ORDERS_ADDRESS", { default: "127.0.0.1:5054", doc: "gRPC address of orders." }),
  orderPage: url("ORDER_PAGE_URL", {
    default: "http://localhost:3000/order",
    protocols: ["http", "https"],
    doc: "The page of the storefront that shows an order to a guest. The token follows after `#token=`, which browsers send to no server.",
  }),
  mailFrom: text("MAIL_FROM", { doc: "The sender of mails, such as `Kontor <shop@kontor.example>`." }),
  mailMaxAttempts: integer("MAIL_MAX_ATTEMPTS", {
    default: 10,
    min: 1,
    doc: "How often the mail server may refuse a mail temporarily before the mail fails.",
  }),
  mailRetryBaseMs: duration("MAIL_RETRY_BASE", {
    default: "1s",
    min: 1,
    doc: "Delay before the second attempt; each further one is three times as long, at most an hour.",
  }),
  notificationRetention: duration("NOTIFICATION_RETENTION", {
    default: "365d",
    doc: "How long delivered and failed notifications are kept, with their attempts. 0s keeps them.",
  }),
  shopName: text("SHOP_NAME", { default: "Kontor", doc: "The name that mails are signed with." }),
};
