import { book, follow, type Shipment } from "../domain/shipment.ts";
import type { Carrier, ShipmentChecks, Shipments } from "../ports.ts";

interface Deps {
  readonly shipments: Pick<Shipments, "update">;
  readonly checks: ShipmentChecks;
  readonly carrier: Pick<Carrier, "bookingOf" | "stateOf">;
  readonly onFinding: (shipment: Shipment, found: "unanswered" | "forgotten", error?: unknown) => void;
}

const BATCH = 20;

/** Queries the carrier about open shipments without news, because messages get lost. One that fails does not stop the others. */
export function checkShipments({ shipments, checks, carrier, onFinding }: Deps) {
  return async (): Promise<void> => {
    const due = await checks.claimDue(BATCH);
    await Promise.all(due.map(check));
  };

  async function check(shipment: Shipment): Promise<void> {
    const { orderId } = shipment;
    try {
      const known = shipment.carrierId === "" ? await findBooking(shipment) : await findState(shipment);
      if (!known) onFinding(shipment, "forgotten");
      await checks.record(orderId, known ? "known" : "forgotten");
    } catch (error) {
      onFinding(shipment, "unanswered", error);
      await checks.record(orderId, "unanswered");
    }
  }

  /** The dispatch may have ended before the carrier's response arrived. Its caller decides whether to book again. */
  async function findBooking(shipment: Shipment): Promise<true> {
    const booking = await carrier.bookingOf(shipment.orderId);
    if (booking !== undefined) await shipments.update(shipment, (current) => book(current, booking));
    return true;
  }

  async function findState(shipment: Shipment): Promise<boolean> {
    const { orderId, carrierId, trackingNumber } = shipment;
    const state = await carrier.stateOf(carrierId);
    if (state === undefined) return false;
    const booking = { carrierId, trackingNumber };
    const message = { webhookId: `query:${carrierId}:${state.status}`, orderId, booking, ...state };
    if (state.status !== "booked")
      await shipments.update(shipment, (current) => follow(current, booking, state.status), message);
    return true;
  }
}
