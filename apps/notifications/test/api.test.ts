import { randomUUID } from "node:crypto";
import { NotificationStatus } from "@kontor/shop/contracts/notifications/v1/notification";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aUser, order, registered } from "./events.ts";
import { type Shop, STAFF, startShop } from "./shop.ts";
import { tokenWith } from "./tokens.ts";

let shop: Shop;
let staff: ReturnType<Shop["as"]>;
beforeAll(async () => {
  shop = await startShop();
  staff = shop.as(STAFF);
});
afterAll(() => shop.stop());

const ids = ({ notifications }: { notifications: readonly { id: string }[] }) => notifications.map(({ id }) => id);

describe("the delivery log", () => {
  it("is read in pages, newest first, by user, order and status", async () => {
    const [ada, bob] = [aUser(), aUser()];
    const orders = Array.from({ length: 5 }, () => randomUUID());
    await shop.publish("users", registered(ada));
    await shop.publish("orders", ...orders.map((id) => order("confirmed", ada.userId, id)));
    await shop.publish("orders", order("shipped", bob.userId, orders[0]));
    const all = await eventually(async () => {
      const found = await staff.list({});
      expect(found.notifications).toHaveLength(6);
      expect(await staff.list({ status: NotificationStatus.SENT })).toMatchObject({ notifications: { length: 5 } });
      return ids(found);
    });
    expect(all).toEqual(all.toSorted().toReversed());
    const first = await staff.list({ pageSize: 4 });
    const second = await staff.list({ pageSize: 4, pageToken: first.nextPageToken ?? "" });
    expect([...ids(first), ...ids(second)]).toEqual(all);
    expect(second.nextPageToken).toBeUndefined();
    await expect(staff.list({ userId: ada.userId, pageToken: first.nextPageToken ?? "" })).rejects.toMatchObject({
      violations: [{ field: "pageToken" }],
    });
    expect(ids(await staff.list({ userId: ada.userId }))).toHaveLength(5);
    expect(ids(await staff.list({ orderId: orders[0] ?? "" }))).toHaveLength(2);
    const waiting = await staff.list({ status: NotificationStatus.QUEUED });
    expect(waiting.notifications).toMatchObject([{ userId: bob.userId }]);
    const [{ recipient, subject } = {}] = waiting.notifications;
    expect([recipient, subject]).toEqual([undefined, undefined]);
  });

  it("refuses pages that do not exist, all violations of the contract together", async () => {
    await expect(staff.list({ pageSize: 101, userId: "a b" })).rejects.toMatchObject({
      reason: "INVALID_REQUEST",
      violations: [{ field: "userId" }, { field: "pageSize" }],
    });
    await expect(staff.list({ pageToken: "nonsense" })).rejects.toMatchObject({ violations: [{ field: "pageToken" }] });
    await expect(staff.list({ pageSize: -1 })).rejects.toMatchObject({ violations: [{ field: "pageSize" }] });
    await expect(staff.list({ status: 9 as NotificationStatus })).rejects.toMatchObject({
      violations: [{ field: "status" }],
    });
  });

  it("knows no notification that there is not", async () => {
    for (const call of [staff.get, staff.resend])
      for (const id of ["N-0", "\0"])
        await expect(call(id)).rejects.toMatchObject({ reason: "NOTIFICATION_NOT_FOUND" });
  });

  it("names each filter that cannot be an id", async () => {
    await expect(staff.list({ userId: "\0", orderId: "a b" })).rejects.toMatchObject({
      violations: [{ field: "userId" }, { field: "orderId" }],
    });
  });

  it("is for those with the scopes of the contract", async () => {
    const shopper = shop.as(tokenWith("orders.read"));
    await expect(shopper.list({})).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    await expect(shopper.get("N-0")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    const reader = shop.as(tokenWith("notifications.read"));
    await expect(reader.resend("N-0")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });
});
