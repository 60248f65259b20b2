import { randomUUID } from "node:crypto";
import { migrate, openDatabase, type Tx } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { startPostgres } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { notificationsApp } from "../src/app.ts";
import type { Story } from "../src/domain/story.ts";
import { createNotificationStore } from "../src/outbound/notification-store.ts";
import { recipientStore } from "../src/outbound/recipient-store.ts";
import type { Attempt, Due, Notifications, Recipients } from "../src/ports.ts";
import { aRecipient, aRefund } from "./builders.ts";
import { createMemoryNotifications } from "./memory-notifications.ts";

interface Stores {
  readonly notifications: Notifications;
  readonly recipients: Recipients;
  readonly transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
}

const postgres = await startPostgres();
const { url } = await postgres.createDatabase("notifications");
await migrate({ url, folders: migrationsOf(notificationsApp), log: { info: () => undefined } });
const db = openDatabase({ url, service: "test", max: 4 });
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

async function onPostgres(): Promise<Stores> {
  await db.query("TRUNCATE recipients, notifications, delivery_attempts");
  return {
    notifications: createNotificationStore(db),
    recipients: recipientStore,
    transaction: (work) => db.transaction(work),
  };
}

async function inMemory(): Promise<Stores> {
  const memory = createMemoryDatabase();
  return {
    ...createMemoryNotifications(memory, () => new Date()),
    transaction: (work) => memory.transaction(work),
  };
}

const LEASE_MS = 60_000;
const taken: Attempt = { subject: "Hello", outcome: { kind: "taken", detail: "250 ok" }, verdict: { status: "sent" } };
const refused: Attempt = {
  ...{ subject: "Hello", outcome: { kind: "refused", detail: "550 no" }, verdict: { status: "failed" } },
};
const deferred = (retryInMs: number): Attempt => ({
  ...{ subject: "Hello", outcome: { kind: "deferred", detail: "451 later" } },
  verdict: { status: "queued", attempts: 1, retryInMs },
});

describe.each([
  ["on PostgreSQL", onPostgres],
  ["in memory", inMemory],
])("notifications %s", (_, open) => {
  let stores: Stores;
  beforeEach(async () => {
    stores = await open();
  });

  const register = (recipient = aRecipient(), at = new Date()) =>
    stores.transaction((tx) => stores.recipients.put(tx, recipient, at));
  const queue = (userId: string, story: Story = aRefund(), eventId: string = randomUUID()) =>
    stores.transaction((tx) => stores.notifications.queue(tx, [{ eventId, userId, story }]));
  const claim = (leaseMs = LEASE_MS) => stores.notifications.claim(10, leaseMs);
  async function claimOne(leaseMs?: number): Promise<Due> {
    const [due] = await claim(leaseMs);
    if (due === undefined) throw new Error("No notification is due.");
    return due;
  }
  /** Queues a notification for a known user and claims it. */
  async function queuedAndClaimed(leaseMs?: number): Promise<Due> {
    await register();
    await queue("u-1");
    return claimOne(leaseMs);
  }

  it("are queued once per event, and found with the address of the user", async () => {
    const eventId = randomUUID();
    await queue("u-1", aRefund(), eventId);
    await queue("u-1", aRefund({ orderId: "o-2" }), eventId);
    const all = await stores.notifications.list({ limit: 10 });
    expect(all).toMatchObject([{ userId: "u-1", orderId: "o-1", template: "payment-refunded", recipient: "" }]);
    await register();
    const [{ id = "" } = {}] = all;
    expect(await stores.notifications.find(id)).toEqual({
      ...{ id, userId: "u-1", orderId: "o-1", template: "payment-refunded", channel: "email" },
      ...{ recipient: "ada@x.example", subject: "", status: "queued", attempts: [], createdAt: expect.any(Date) },
    });
    expect(await stores.notifications.find("none")).toBeUndefined();
  });

  it("are kept only if the transaction commits", async () => {
    const failed = stores.transaction(async (tx) => {
      await stores.notifications.queue(tx, [{ eventId: randomUUID(), userId: "u-1", story: aRefund() }]);
      throw new Error("rolled back");
    });
    await expect(failed).rejects.toThrow("rolled back");
    expect(await stores.notifications.list({ limit: 10 })).toEqual([]);
  });

  it("take the number of the order from an earlier notification about it", async () => {
    await register();
    await queue("u-1", aRefund({ orderNumber: "K-1" }));
    await queue("u-1");
    await queue("u-1", aRefund({ orderId: "o-2" }));
    const facts = (await claim()).map(({ story }) => story.facts);
    expect(facts.filter(({ orderNumber }) => orderNumber === "K-1")).toHaveLength(2);
    expect(facts.find(({ orderId }) => orderId === "o-2")).not.toHaveProperty("orderNumber");
  });

  it("are listed newest first, by user, order and status, page by page", async () => {
    await register();
    await queue("u-1");
    const sent = await claimOne();
    await stores.notifications.record(sent, taken);
    await queue("u-2");
    await queue("u-1", aRefund({ orderId: "o-2" }));
    const idsOf = async (filter: Omit<Parameters<Notifications["list"]>[0], "limit">, limit = 10) =>
      (await stores.notifications.list({ ...filter, limit })).map(({ id }) => id);
    const all = await idsOf({});
    expect(all).toEqual(all.toSorted().toReversed());
    expect(all).toHaveLength(3);
    expect(await idsOf({}, 2)).toEqual(all.slice(0, 2));
    expect(await idsOf({ before: all[1] ?? "" })).toEqual(all.slice(2));
    expect(await idsOf({ status: "sent" })).toEqual([sent.id]);
    expect(await idsOf({ userId: "u-1" })).toHaveLength(2);
    expect(await idsOf({ userId: "u-1", orderId: "o-2", status: "queued" })).toHaveLength(1);
    expect(await idsOf({ userId: "\0" })).toEqual([]);
  });

  it("are claimed by one sender, with the recipient as known last", async () => {
    await register(aRecipient({ email: "new@x.example" }));
    await register(aRecipient({ email: "old@x.example" }), new Date(0));
    await queue("u-1");
    await queue("u-unknown");
    const due = await claimOne();
    expect(due).toMatchObject({ story: aRefund(), recipient: aRecipient({ email: "new@x.example" }) });
    expect(due).toMatchObject({ send: 1, attempt: 1 });
    expect(await claim()).toEqual([]);
  });

  it("are claimed up to a limit, the longest due first", async () => {
    await register();
    for (let n = 0; n < 3; n += 1) await queue("u-1");
    const first = await stores.notifications.claim(1, LEASE_MS);
    expect(first).toHaveLength(1);
    for (const due of first) await stores.notifications.record(due, deferred(-1_000));
    expect(await stores.notifications.claim(1, LEASE_MS)).toMatchObject([{ id: first[0]?.id, attempt: 2 }]);
    expect(await claim()).toHaveLength(2);
  });

  it("are sent or failed with the last attempt of a send", async () => {
    const first = await queuedAndClaimed();
    await stores.notifications.record(first, taken);
    const sent = { status: "sent", subject: "Hello", recipient: "ada@x.example" };
    const attempts = [{ at: expect.any(Date), outcome: "250 ok", delivered: true }];
    expect(await stores.notifications.find(first.id)).toMatchObject({ ...sent, attempts });
    await queue("u-1");
    const second = await claimOne();
    await stores.notifications.record(second, refused);
    expect(await stores.notifications.find(second.id)).toMatchObject({ status: "failed" });
    expect(await claim(0)).toEqual([]);
  });

  it("wait for a retry, and count its attempt", async () => {
    const due = await queuedAndClaimed();
    await stores.notifications.record(due, deferred(0));
    const again = await claimOne();
    expect(again).toMatchObject({ id: due.id, send: 1, attempt: 2 });
    await stores.notifications.record(again, deferred(LEASE_MS));
    expect(await claim()).toEqual([]);
    expect((await stores.notifications.find(due.id))?.attempts).toHaveLength(2);
  });

  it("come back when a lease ends, and the log shows the abandoned attempt", async () => {
    const abandoned = await queuedAndClaimed(0);
    const due = await claimOne();
    expect(due).toMatchObject({ id: abandoned.id, send: 1, attempt: 2 });
    const unanswered = { outcome: "The sender ended before it received the response.", delivered: false };
    expect((await stores.notifications.find(due.id))?.attempts).toMatchObject([unanswered]);
  });

  it("believe a sender that lost its lease only that a mail was taken", async () => {
    const lost = await queuedAndClaimed(0);
    const due = await claimOne();
    await stores.notifications.record(lost, refused);
    await stores.notifications.record(lost, deferred(0));
    expect(await stores.notifications.find(due.id)).toMatchObject({ status: "queued" });
    expect(await claim()).toEqual([]);
    await stores.notifications.record(lost, taken);
    expect(await stores.notifications.find(due.id)).toMatchObject({ status: "sent" });
    await stores.notifications.record(due, refused);
    expect(await stores.notifications.find(due.id)).toMatchObject({ status: "sent" });
  });

  it("are sent once more per request, also when one is under way", async () => {
    const due = await queuedAndClaimed();
    expect(await stores.notifications.resend(due.id)).toMatchObject({ id: due.id, status: "queued" });
    expect(await claim()).toEqual([]);
    await stores.notifications.record(due, taken);
    expect(await stores.notifications.find(due.id)).toMatchObject({ status: "queued" });
    const second = await claimOne();
    expect(second).toMatchObject({ id: due.id, send: 2, attempt: 1 });
    await stores.notifications.record(second, taken);
    expect(await stores.notifications.find(due.id)).toMatchObject({ status: "sent" });
    expect(await stores.notifications.resend("none")).toBeUndefined();
  });

  it("need not wait for their retry when they are sent again", async () => {
    const due = await queuedAndClaimed();
    await stores.notifications.record(due, deferred(LEASE_MS));
    await stores.notifications.resend(due.id);
    expect(await claim()).toMatchObject([{ id: due.id, send: 1, attempt: 2 }]);
  });

  it("are overdue since the oldest that is due", async () => {
    expect(await stores.notifications.oldestOverdue()).toBe(0);
    await queue("u-1");
    const age = await stores.notifications.oldestOverdue();
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(600);
    await register();
    await claim();
    expect(await stores.notifications.oldestOverdue()).toBe(0);
  });
});
