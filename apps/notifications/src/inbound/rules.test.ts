import { NotificationsService } from "@kontor/shop/contracts/notifications/v1/notifications_service";
import { violationsIn } from "@kontor/validation/testing";
import { describe, expect, it } from "vitest";

describe("the contract of notifications", () => {
  it("refuses filters of lists", () => {
    const { listNotifications } = NotificationsService.method;
    expect(violationsIn(listNotifications, { userId: "u1", status: 1 })).toEqual([]);
    expect(
      violationsIn(listNotifications, { userId: "a b", orderId: "ä", status: 9 as never, pageSize: 101 }),
    ).toMatchObject([
      { field: "userId", code: "WRONG_CHARACTERS", params: { min: 1, max: 100, allowed: "! to ~" } },
      { field: "orderId", code: "WRONG_CHARACTERS" },
      { field: "status", code: "NOT_IN", params: { values: ["queued", "sent", "failed"] } },
      { field: "pageSize", code: "OUT_OF_RANGE" },
    ]);
  });
});
