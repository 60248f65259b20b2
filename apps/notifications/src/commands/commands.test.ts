import { randomUUID } from "node:crypto";
import { createTestClock } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { describe, expect, it } from "vitest";
import { aRecipient, aRefund } from "../../test/builders.ts";
import { createMemoryNotifications } from "../../test/memory-notifications.ts";
import type { Outcome } from "../domain/delivery.ts";
import type { Due, Mail } from "../ports.ts";
import { findNotification } from "../queries/find-notification.ts";
import { listNotifications } from "../queries/list-notifications.ts";
import { deliverDue } from "./deliver-due.ts";
import { resendNotification } from "./resend-notification.ts";

const LEASE_MS = 120_000;
const reason = (name: string) => ({ reason: name });
const taken: Outcome = { kind: "taken", detail: "250 ok" };
const deferred: Outcome = { kind: "deferred", detail: "451 later" };
const unreachable: Outcome = { kind: "unreachable", detail: "The server is away." };

/** Creates the commands of notifications over stores in memory, with a mail server that responds as a test says. */
function openNotifications() {
  const clock = createTestClock();
  const db = createMemoryDatabase();
  const { notifications, recipients } = createMemoryNotifications(db, clock.now);
  const mails: Mail[] = [];
  const outcomes: Outcome[] = [];
  const attempts: string[] = [];
  let wakes = 0;
  let orders = 0;
  const write = ({ id, send, recipient: { displayName: name, email: address } }: Due): Mail => {
    return { messageId: `${id}.${send}`, to: { name, address }, subject: "Hello", text: "", html: "" };
  };
  const transport = {
    async send(mail: Mail): Promise<Outcome> {
      const outcome = outcomes.shift() ?? taken;
      if (outcome.kind === "taken") mails.push(mail);
      return outcome;
    },
  };
  const patience = { maxAttempts: 2, retryBaseMs: 1_000, random: () => 1 };
  return {
    ...{ clock, notifications, mails, outcomes, attempts, transport },
    wakes: () => wakes,
    register: () => db.transaction((tx) => recipients.put(tx, aRecipient(), clock.now())),
    /** Queues a notification about an order of its own, and returns its id. */
    async queue() {
      orders += 1;
      const orderId = `o-${orders}`;
      const queued = { eventId: randomUUID(), userId: "u-1", story: aRefund({ orderId }) };
      await db.transaction((tx) => notifications.queue(tx, [queued]));
      const [found] = await notifications.list({ orderId, limit: 1 });
      return found?.id ?? "";
    },
    deliver: deliverDue({
      linkFor: async () => undefined,
      ...{ notifications, transport, write, patience, leaseMs: LEASE_MS },
      onAttempt: ({ attempt }, { kind }) => void attempts.push(`${attempt} ${kind}`),
    }),
    resend: resendNotification({
      notifications,
      wake: () => {
        wakes += 1;
      },
    }),
    find: findNotification({ notifications }),
    list: listNotifications({ notifications }),
  };
}

describe("delivering what is due", () => {
  it("sends each mail once", async () => {
    const { register, queue, deliver, mails, find } = openNotifications();
    await register();
    const ids = [await queue(), await queue()];
    expect(await deliver(10)).toMatchObject({ claimed: 2, reachable: true, retryInMs: Number.POSITIVE_INFINITY });
    expect(await deliver(10)).toMatchObject({ claimed: 0 });
    expect(mails.map(({ messageId }) => messageId).sort()).toEqual(ids.map((id) => `${id}.1`).sort());
    for (const id of ids) expect(await find(id)).toMatchObject({ status: "sent" });
  });

  it("waits for a user who is not known yet", async () => {
    const { register, queue, deliver, mails } = openNotifications();
    await queue();
    expect(await deliver(10)).toMatchObject({ claimed: 0 });
    await register();
    await deliver(10);
    expect(mails).toMatchObject([{ to: { name: "Ada", address: "ada@x.example" } }]);
  });

  it("retries after the delay of the attempt, and fails after the last one", async () => {
    const { clock, register, queue, deliver, outcomes, attempts, find } = openNotifications();
    await register();
    const id = await queue();
    outcomes.push(deferred, deferred);
    expect(await deliver(10)).toMatchObject({ claimed: 1, retryInMs: 1_000 });
    expect(await deliver(10)).toMatchObject({ claimed: 0 });
    clock.advance(1_000);
    expect(await deliver(10)).toMatchObject({ claimed: 1 });
    expect(await find(id)).toMatchObject({ status: "failed", attempts: { length: 2 } });
    expect(attempts).toEqual(["1 deferred", "2 deferred"]);
  });

  it("counts no attempt while the mail server is unreachable", async () => {
    const { clock, register, queue, deliver, outcomes, attempts } = openNotifications();
    await register();
    await queue();
    outcomes.push(unreachable, unreachable, unreachable);
    for (let n = 0; n < 3; n += 1) {
      expect(await deliver(10)).toMatchObject({ reachable: false, retryInMs: 5_000 });
      clock.advance(5_000);
    }
    expect(await deliver(10)).toMatchObject({ reachable: true });
    expect(attempts).toEqual(["1 unreachable", "1 unreachable", "1 unreachable", "1 taken"]);
  });

  it("leaves a mail that could not be sent to the end of its lease, and delivers the others", async () => {
    const { clock, register, queue, deliver, transport, mails, find } = openNotifications();
    await register();
    const id = await queue();
    const { send } = transport;
    transport.send = () => Promise.reject(new Error("A bug."));
    await expect(deliver(1)).rejects.toThrow("Deliveries were left unfinished.");
    transport.send = send;
    await queue();
    await deliver(10);
    expect(mails).toHaveLength(1);
    clock.advance(LEASE_MS);
    await deliver(10);
    expect(await find(id)).toMatchObject({ status: "sent", attempts: [{ delivered: false }, { delivered: true }] });
  });
});

describe("sending again", () => {
  it("sends once per call, under an id of its own", async () => {
    const { register, queue, deliver, resend, mails, wakes } = openNotifications();
    await register();
    const id = await queue();
    await deliver(10);
    expect(await resend(id)).toMatchObject({ id, status: "queued" });
    await resend(id);
    while ((await deliver(10)).claimed > 0);
    expect(mails.map(({ messageId }) => messageId)).toEqual([1, 2, 3].map((nth) => `${id}.${nth}`));
    expect(wakes()).toBe(2);
  });

  it("is refused for a notification that does not exist", async () => {
    const { resend, find, wakes } = openNotifications();
    for (const call of [resend, find])
      await expect(call("none")).rejects.toMatchObject(reason("NOTIFICATION_NOT_FOUND"));
    expect(wakes()).toBe(0);
  });
});

describe("the list of notifications", () => {
  it("goes on after the last of a page, with the filter of the page before", async () => {
    const { queue, list } = openNotifications();
    const ids = [await queue(), await queue(), await queue()].sort().reverse();
    const first = await list({ pageSize: 2, pageToken: "" });
    const second = await list({ pageSize: 2, pageToken: first.nextPageToken ?? "" });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
    await expect(list({ pageSize: 2, pageToken: first.nextPageToken ?? "", userId: "u-1" })).rejects.toMatchObject({
      violations: [{ field: "pageToken" }],
    });
  });
});
