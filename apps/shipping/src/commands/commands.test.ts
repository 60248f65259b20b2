import { createTestClock } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { describe, expect, it } from "vitest";
import { aParcel, booking } from "../../test/builders.ts";
import { away, createMemoryCarrier } from "../../test/memory-carrier.ts";
import { createMemoryTables, memoryChecks, memoryShipments } from "../../test/memory-shipments.ts";
import { shippingErrors } from "../domain/errors.ts";
import { cancel as cancelled, type Status } from "../domain/shipment.ts";
import { findShipment } from "../queries/find-shipment.ts";
import { listShipments } from "../queries/list-shipments.ts";
import { cancelShipment } from "./cancel-shipment.ts";
import { checkShipments } from "./check-shipments.ts";
import { dispatchShipment } from "./dispatch-shipment.ts";
import { receiveWebhook } from "./receive-webhook.ts";

const CHECK_AFTER_MS = 60_000;
const reason = (name: string) => ({ reason: name });

/** Creates the commands of shipping over stores and a carrier in memory. */
function openShipping() {
  const clock = createTestClock();
  const options = { now: clock.now, checkAfterMs: CHECK_AFTER_MS };
  const tables = createMemoryTables(createMemoryDatabase());
  const shipments = memoryShipments(tables, options);
  const checks = memoryChecks(tables, options);
  const carrier = createMemoryCarrier();
  const findings: string[] = [];
  const unmatched: string[] = [];
  const receive = receiveWebhook({
    ...{ shipments, now: clock.now, carriers: new Map([["dhl", carrier]]) },
    onUnmatched: ({ orderId }) => void unmatched.push(orderId),
  });
  return {
    ...{ clock, shipments, carrier, findings, unmatched, tables },
    dispatch: dispatchShipment({ shipments, carrier }),
    cancel: cancelShipment({ shipments, carrier }),
    check: checkShipments({ ...{ shipments, checks, carrier }, onFinding: (_, found) => void findings.push(found) }),
    find: findShipment({ shipments }),
    list: listShipments({ shipments }),
    /** Receives a message of the carrier about the order `o-1`. */
    receive(status: Status, by = "dhl", carrierId = booking.carrierId) {
      const about = { orderId: "o-1", booking: { ...booking, carrierId } };
      carrier.message = { webhookId: `w-${status}`, ...about, status, location: "Hub", at: clock.now() };
      return receive(by, { id: "w", timestamp: "0", signature: "", body: Buffer.alloc(0) });
    },
  };
}

describe("dispatching", () => {
  it("books the parcel once, and returns the same shipment again", async () => {
    const { dispatch, carrier, shipments } = openShipping();
    const shipment = await dispatch(aParcel());
    expect(shipment).toMatchObject({ ...booking, status: "booked" });
    expect(await dispatch(aParcel())).toEqual(shipment);
    expect(carrier.bookings.size).toBe(1);
    expect(await shipments.find("o-1")).toEqual(shipment);
  });

  it("continues after a lost response, and leaves a refused parcel pending", async () => {
    const { dispatch, carrier, shipments } = openShipping();
    carrier.booked = async () => away();
    await expect(dispatch(aParcel())).rejects.toMatchObject(reason("CARRIER_UNAVAILABLE"));
    carrier.booked = async () => undefined;
    expect(await dispatch(aParcel())).toMatchObject({ ...booking, status: "booked" });
    carrier.before.book = () => {
      throw shippingErrors.SHIPMENT_REFUSED({ orderId: "o-2", why: "No such street." });
    };
    await expect(dispatch(aParcel({ orderId: "o-2" }))).rejects.toMatchObject(reason("SHIPMENT_REFUSED"));
    expect(await shipments.find("o-2")).toMatchObject({ status: "pending" });
  });

  it("is refused after a recall, also when the parcel was recalled while the carrier booked it", async () => {
    const { dispatch, cancel, carrier } = openShipping();
    await cancel("o-1");
    await expect(dispatch(aParcel())).rejects.toMatchObject(reason("SHIPMENT_CLOSED"));
    carrier.booked = async () => void (await cancel("o-2"));
    await expect(dispatch(aParcel({ orderId: "o-2" }))).rejects.toMatchObject(reason("SHIPMENT_CLOSED"));
    expect(carrier.recalled).toEqual(["shp_1", "shp_1"]);
  });

  it("recalls a parcel whose shipment was cancelled meanwhile, however often that fails at first", async () => {
    const { dispatch, carrier, shipments } = openShipping();
    carrier.booked = async () => void (await shipments.update(await shipments.begin(aParcel()), cancelled));
    carrier.before.recall = away;
    for (let n = 0; n < 2; n += 1)
      await expect(dispatch(aParcel())).rejects.toMatchObject(reason("CARRIER_UNAVAILABLE"));
    carrier.before.recall = () => undefined;
    await expect(dispatch(aParcel())).rejects.toMatchObject(reason("SHIPMENT_CLOSED"));
    expect(carrier.recalled).toEqual(["shp_1"]);
  });

  it("says when such a parcel is with the carrier already", async () => {
    const { dispatch, carrier, shipments, clock } = openShipping();
    carrier.booked = async () => void (await shipments.update(await shipments.begin(aParcel()), cancelled));
    carrier.states.set("shp_1", { status: "picked_up", location: "Hub", at: clock.now() });
    await expect(dispatch(aParcel())).rejects.toMatchObject(reason("SHIPMENT_PICKED_UP"));
  });
});

describe("recalling", () => {
  it("cancels a booked parcel with the carrier, and again changes nothing", async () => {
    const { dispatch, cancel, carrier } = openShipping();
    await dispatch(aParcel());
    const cancelled = await cancel("o-1");
    expect(cancelled).toMatchObject({ status: "cancelled" });
    expect(await cancel("o-1")).toEqual(cancelled);
    expect(carrier.recalled).toEqual(["shp_1"]);
  });

  it("finds a booking whose response was lost, and cancels a pending shipment that has none", async () => {
    const { dispatch, cancel, carrier } = openShipping();
    carrier.booked = async () => away();
    await expect(dispatch(aParcel())).rejects.toThrow();
    expect(await cancel("o-1")).toMatchObject({ ...booking, status: "cancelled" });
    expect(carrier.recalled).toEqual(["shp_1"]);
    carrier.before.book = away;
    await expect(dispatch(aParcel({ orderId: "o-2" }))).rejects.toThrow();
    expect(await cancel("o-2")).toMatchObject({ carrierId: "", status: "cancelled" });
  });

  it("is refused once the carrier has the parcel", async () => {
    const { dispatch, cancel, carrier, clock } = openShipping();
    await dispatch(aParcel());
    carrier.states.set("shp_1", { status: "picked_up", location: "Hub", at: clock.now() });
    await expect(cancel("o-1")).rejects.toMatchObject(reason("SHIPMENT_PICKED_UP"));
  });
});

describe("a message of the carrier", () => {
  it("moves the shipment on, never back, each once", async () => {
    const { dispatch, receive, shipments } = openShipping();
    await dispatch(aParcel());
    for (const status of ["in_transit", "picked_up", "in_transit"] as const) await receive(status);
    expect(await shipments.find("o-1")).toMatchObject({ status: "in_transit" });
    expect(await shipments.tracking("o-1")).toHaveLength(2);
  });

  it("about no parcel of the shop is reported, and changes nothing", async () => {
    const { dispatch, receive, unmatched, shipments } = openShipping();
    await receive("picked_up");
    await dispatch(aParcel());
    await receive("picked_up", "dhl", "shp_of_another");
    expect(unmatched).toEqual(["o-1", "o-1"]);
    expect(await shipments.find("o-1")).toMatchObject({ status: "booked" });
    await expect(receive("picked_up", "ups")).rejects.toMatchObject(reason("CARRIER_NOT_FOUND"));
  });
});

describe("checking open shipments", () => {
  it("finds what lost messages would have said, of bookings and of positions", async () => {
    const { dispatch, check, carrier, clock, shipments } = openShipping();
    carrier.booked = async () => away();
    await expect(dispatch(aParcel())).rejects.toThrow();
    await check();
    expect(await shipments.find("o-1")).toMatchObject({ status: "pending" });
    clock.advance(CHECK_AFTER_MS);
    await check();
    expect(await shipments.find("o-1")).toMatchObject({ ...booking, status: "booked" });
    carrier.states.set("shp_1", { status: "delivered", location: "Door", at: clock.now() });
    clock.advance(CHECK_AFTER_MS);
    await check();
    expect(await shipments.find("o-1")).toMatchObject({ status: "delivered" });
    expect(await shipments.tracking("o-1")).toMatchObject([{ status: "delivered", location: "Door" }]);
  });

  it("reports a carrier that does not respond or has forgotten a parcel, and goes on with the others", async () => {
    const { dispatch, check, carrier, clock, findings, shipments, tables } = openShipping();
    await dispatch(aParcel());
    await dispatch(aParcel({ orderId: "o-2" }));
    carrier.states.set("shp_2", { status: "picked_up", location: "Hub", at: clock.now() });
    clock.advance(CHECK_AFTER_MS);
    await check();
    expect(findings).toEqual(["forgotten"]);
    expect(tables.findings("o-1")).toEqual({ unanswered: false, forgotten: true });
    expect(await shipments.find("o-2")).toMatchObject({ status: "picked_up" });
    carrier.before.stateOf = away;
    clock.advance(2 * CHECK_AFTER_MS);
    await check();
    expect(findings).toEqual(["forgotten", "unanswered", "unanswered"]);
  });
});

describe("reading shipments", () => {
  it("is for their owner and for staff, with the messages of the carrier", async () => {
    const { dispatch, receive, find, cancel } = openShipping();
    await dispatch(aParcel());
    await receive("picked_up");
    const tracking = [{ status: "picked_up" }];
    expect(await find("o-1", { userId: "u-1", readsAny: false })).toMatchObject({ tracking });
    expect(await find("o-1", { userId: "s-1", readsAny: true })).toMatchObject({ tracking });
    await cancel("o-2");
    for (const orderId of ["o-2", "o-none", "\0"])
      await expect(find(orderId, { userId: "s-1", readsAny: true })).rejects.toMatchObject(
        reason("SHIPMENT_NOT_FOUND"),
      );
    await expect(find("o-1", { userId: "u-2", readsAny: false })).rejects.toMatchObject(reason("SHIPMENT_NOT_FOUND"));
  });

  it("goes on after the last shipment of a page", async () => {
    const { dispatch, list } = openShipping();
    for (const orderId of ["o-1", "o-2", "o-3"]) await dispatch(aParcel({ orderId }));
    const filter = { oldestFirst: true };
    const first = await list({ filter, pageSize: 2, pageToken: "" });
    const second = await list({ filter, pageSize: 2, pageToken: first.nextPageToken ?? "" });
    const orders = [...first.items, ...second.items].map(({ orderId }) => orderId);
    expect(orders.toSorted()).toEqual(["o-1", "o-2", "o-3"]);
    expect(second.nextPageToken).toBeUndefined();
  });
});
