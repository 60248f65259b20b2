import { randomUUID } from "node:crypto";
import { prune } from "@kontor/postgres";
import { NotificationStatus } from "@kontor/shop/contracts/notifications/v1/notification";
import { createLogger, registry } from "@kontor/telemetry";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNotificationStore } from "../src/outbound/notification-store.ts";
import { notificationRetention } from "../src/outbound/retention.ts";
import { aUser, emptyOrder, order, refunded, registered, updated } from "./events.ts";
import { MAIL_MAX_ATTEMPTS, type Shop, STAFF, startShop } from "./shop.ts";

let shop: Shop;
let staff: ReturnType<Shop["as"]>;
beforeAll(async () => {
  shop = await startShop();
  staff = shop.as(STAFF);
});
afterAll(() => shop.stop());

const silent = createLogger({ service: "test", level: "silent" });
const { SENT, FAILED, QUEUED } = NotificationStatus;
const REPEATED = /kontor_consumer_messages_total\{consumer="notifications-orders".*result="duplicate".*\} [1-9]/;

/** Waits until that many mails have arrived, and returns them. */
const mails = (user: { email: string }, count = 1) =>
  eventually(async () => {
    const found = await shop.mail.mailsTo(user.email);
    expect(found).toHaveLength(count);
    return found;
  });

/** Waits until the only notification of the user exists. */
const notification = (user: { userId: string }, status: NotificationStatus) =>
  eventually(async () => {
    const { notifications } = await staff.list({ userId: user.userId });
    expect(notifications.map((one) => one.status)).toEqual([status]);
    return notifications[0];
  });

const idOf = async (user: { userId: string }, status: NotificationStatus) =>
  (await notification(user, status))?.id ?? "";

describe("an event", () => {
  it("becomes one mail, and the log shows it", async () => {
    const user = aUser();
    const orderId = randomUUID();
    await shop.publish("users", registered(user));
    await shop.publish("orders", order("confirmed", user.userId, orderId));
    const [mail] = await mails(user);
    expect(mail?.subject).toBe(`Your order ${orderId} is confirmed`);
    expect(mail?.text).toContain("€28.90");
    expect(mail?.html).toContain("Ring 1");
    const sent = await notification(user, SENT);
    expect(sent).toMatchObject({
      ...{ userId: user.userId, orderId, template: "order-confirmed", channel: "email" },
      ...{ recipient: user.email, subject: mail?.subject },
      attempts: [{ delivered: true, outcome: expect.stringMatching(/^250 /) }],
    });
    expect(mail?.headers["message-id"]).toBe(`<${sent?.id}.1@kontor.example>`);
  });

  it("of each kind has its own mail, in the user's last known language", async () => {
    const user = aUser();
    const orderId = randomUUID();
    await shop.publish("users", registered(user), updated({ ...user, locale: "de", displayName: "Åse" }));
    await eventually(async () => {
      const [known] = await shop.db.query("SELECT locale FROM recipients WHERE user_id = $1", [user.userId]);
      expect(known).toEqual({ locale: "de" });
    });
    for (const kind of ["shipped", "rejected", "cancelled"] as const)
      await shop.publish("orders", order(kind, user.userId, orderId));
    await shop.publish("payments", refunded(user.userId, orderId));
    const found = await mails(user, 4);
    expect(found.map(({ subject }) => subject).sort()).toEqual([
      `Erstattung zu Ihrer Bestellung ${orderId}`,
      `Ihre Bestellung ${orderId} ist storniert`,
      `Ihre Bestellung ${orderId} ist unterwegs`,
      `Wir können Ihre Bestellung ${orderId} nicht ausführen`,
    ]);
    for (const { text } of found) expect(text).toContain("Guten Tag Åse,");
  });

  it("names the order by its number, also after events that do not know it", async () => {
    const user = aUser();
    const orderId = randomUUID();
    await shop.publish("users", registered(user));
    await shop.publish("orders", order("confirmed", user.userId, orderId, "K-7Q4M-2X9P"));
    await mails(user);
    await shop.publish("payments", refunded(user.userId, orderId));
    const found = await mails(user, 2);
    expect(found.map(({ subject }) => subject)).toEqual([
      "Your order K-7Q4M-2X9P is confirmed",
      "Refund for your order K-7Q4M-2X9P",
    ]);
  });

  it("that is published again after a lost stream sends nothing twice", async () => {
    const [before, after] = [aUser(), aUser()];
    await shop.publish("users", registered(before), registered(after));
    await shop.publish("orders", order("confirmed", before.userId));
    await mails(before);
    await shop.nats.wipe();
    await shop.publish("orders", order("confirmed", after.userId));
    await mails(after);
    await eventually(async () => expect(await registry.metrics()).toMatch(REPEATED));
    expect(await shop.mail.mailsTo(before.email)).toHaveLength(1);
    expect((await staff.list({ userId: before.userId })).notifications).toHaveLength(1);
  });

  it("about an unknown user waits for the user, and delays no other mail", async () => {
    const [late, known] = [aUser(), aUser()];
    await shop.publish("users", registered(known));
    const orderId = randomUUID();
    await shop.publish("orders", order("confirmed", late.userId, orderId), order("shipped", known.userId, orderId));
    await mails(known);
    const waiting = await notification(late, QUEUED);
    expect(waiting).toMatchObject({ attempts: [] });
    expect(waiting?.recipient).toBeUndefined();
    await shop.publish("users", registered(late));
    await mails(late);
  });

  it("without content is a dead letter, and other events are mailed", async () => {
    const user = aUser();
    const orderId = randomUUID();
    await shop.publish("users", registered(user));
    await shop.publish("orders", emptyOrder(orderId), order("shipped", user.userId, orderId));
    await mails(user);
    const letters = await shop.deadLetters();
    expect(letters).toMatchObject([
      { key: orderId, reason: expect.stringContaining("EVENT_INCOMPLETE"), consumer: "notifications-orders" },
    ]);
  });
});

describe("a mail server", () => {
  it("that refuses temporarily is tried again, and the log shows each attempt", async () => {
    const user = aUser();
    await shop.mail.failNext(2);
    await shop.publish("users", registered(user));
    await shop.publish("orders", order("confirmed", user.userId));
    const [mail] = await mails(user);
    const sent = await notification(user, SENT);
    const refusal = { delivered: false, outcome: "451 Try again later" };
    expect(sent?.attempts).toMatchObject([refusal, refusal, { delivered: true }]);
    expect(mail?.headers["message-id"]).toBe(`<${sent?.id}.1@kontor.example>`);
  });

  it("that never takes a mail makes it fail after the last attempt, until it is sent again", async () => {
    const user = aUser();
    await shop.mail.failNext(MAIL_MAX_ATTEMPTS);
    await shop.publish("users", registered(user));
    await shop.publish("orders", order("confirmed", user.userId));
    const failed = await notification(user, FAILED);
    expect(failed?.attempts).toHaveLength(MAIL_MAX_ATTEMPTS);
    expect(await shop.mail.mailsTo(user.email)).toEqual([]);
    await staff.resend(failed?.id ?? "");
    await mails(user);
    expect((await notification(user, SENT))?.attempts).toHaveLength(MAIL_MAX_ATTEMPTS + 1);
  });

  it("that is away loses nothing, however often we tried", async () => {
    const [tried, queued] = [aUser(), aUser()];
    await shop.mail.stop();
    await shop.publish("users", registered(tried), registered(queued));
    await shop.publish("orders", order("confirmed", tried.userId));
    await eventually(async () => {
      const waiting = await notification(tried, QUEUED);
      expect(waiting?.attempts.length).toBeGreaterThan(MAIL_MAX_ATTEMPTS);
    });
    await shop.publish("orders", order("confirmed", queued.userId));
    await notification(queued, QUEUED);
    await shop.mail.start();
    for (const user of [tried, queued]) await mails(user);
  });

  it("that refuses an address permanently makes the notification fail at once", async () => {
    const user = aUser({ email: "not an address" });
    await shop.publish("users", registered(user));
    await shop.publish("orders", order("confirmed", user.userId));
    expect((await notification(user, FAILED))?.attempts).toMatchObject([{ delivered: false }]);
  });
});

describe("sending again", () => {
  it("sends once per call, also when called at once, each under its own id", async () => {
    const user = aUser();
    await shop.publish("users", registered(user));
    await shop.publish("orders", order("confirmed", user.userId));
    const id = await idOf(user, SENT);
    const answers = await Promise.all([staff.resend(id), staff.resend(id), staff.resend(id)]);
    expect(answers.map((answer) => answer?.id)).toEqual([id, id, id]);
    const found = await mails(user, 4);
    expect(found.map(({ headers }) => headers["message-id"]).sort()).toEqual(
      [1, 2, 3, 4].map((send) => `<${id}.${send}@kontor.example>`),
    );
    expect((await notification(user, SENT))?.attempts).toHaveLength(4);
  });
});

describe("several senders", () => {
  it("of two replicas send each mail once", async () => {
    const replica = await shop.startReplica();
    const users = Array.from({ length: 30 }, () => aUser());
    await shop.publish("users", ...users.map(registered));
    await shop.publish("orders", ...users.map(({ userId }) => order("confirmed", userId)));
    for (const user of users) await notification(user, SENT);
    await replica.stop();
    for (const user of users) expect(await shop.mail.mailsTo(user.email)).toHaveLength(1);
  });

  it("take over from one that crashed, and the log shows it", async () => {
    const user = aUser();
    await shop.publish("orders", order("confirmed", user.userId));
    const id = await idOf(user, QUEUED);
    await shop.db.query("UPDATE notifications SET lease = gen_random_uuid(), attempts = 1 WHERE id = $1", [id]);
    await shop.publish("users", registered(user));
    const [mail] = await mails(user);
    expect(mail?.headers["message-id"]).toBe(`<${id}.1@kontor.example>`);
    expect((await notification(user, SENT))?.attempts).toMatchObject([
      { delivered: false, outcome: "The sender ended before it received the response." },
      { delivered: true },
    ]);
  });

  it("believe one that lost its lease only that a mail was taken", async () => {
    const user = aUser();
    await shop.publish("orders", order("confirmed", user.userId));
    const id = await idOf(user, QUEUED);
    const store = createNotificationStore(shop.db);
    const zombie = {
      ...{ id, send: 1, attempt: 1, lease: randomUUID(), recipient: aUser() },
      story: { template: "payment-refunded", facts: { orderId: "O-1", amount: { currency: "EUR", minor: "1" } } },
    } as const;
    const detail = "late";
    const failed = { subject: "", outcome: { kind: "refused", detail }, verdict: { status: "failed" } } as const;
    await store.record(zombie, failed);
    expect((await notification(user, QUEUED))?.attempts).toMatchObject([{ outcome: "late", delivered: false }]);
    await store.record(zombie, { ...failed, outcome: { kind: "taken", detail }, verdict: { status: "sent" } });
    await notification(user, SENT);
  });
});

describe("old notifications", () => {
  it("go with their attempts when their retention is over, unless they are still to be sent", async () => {
    const user = aUser();
    const waiting = { ...aUser(), userId: randomUUID() };
    await shop.publish("users", registered(user));
    await shop.publish("orders", order("confirmed", user.userId, randomUUID()));
    await shop.publish("orders", order("confirmed", waiting.userId, randomUUID()));
    await notification(user, SENT);
    await notification(waiting, QUEUED);
    const users = [[user.userId, waiting.userId]];
    await shop.db.query(
      "UPDATE notifications SET created_at = now() - interval '2 days' WHERE user_id = ANY ($1)",
      users,
    );
    const { removed } = await prune({ db: shop.db, rules: notificationRetention(86_400_000), log: silent });
    expect(removed).toEqual({ delivery_attempts: 1, notifications: 1 });
    const left = await shop.db.query("SELECT user_id FROM notifications WHERE user_id = ANY ($1)", users);
    expect(left).toEqual([{ user_id: waiting.userId }]);
  });
});
