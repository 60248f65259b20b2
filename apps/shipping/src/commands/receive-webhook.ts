import { handleEach, type SignedMessage } from "@kontor/webhooks";
import { shippingErrors } from "../domain/errors.ts";
import { follow } from "../domain/shipment.ts";
import type { Carrier, Shipments, TrackingMessage } from "../ports.ts";

type Deps = {
  readonly shipments: Shipments;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly now: () => Date;
  readonly onUnmatched: (message: TrackingMessage) => void;
};

/**
 * Receives events of a carrier: repeated, late, in any order, several in one webhook. An event about no shipment of the shop is accepted
 * and logged.
 */
export function receiveWebhook({ shipments, carriers, now, onUnmatched }: Deps) {
  return async (carrierName: string, signed: SignedMessage): Promise<void> => {
    const carrier = carriers.get(carrierName);
    if (carrier === undefined) throw shippingErrors.CARRIER_NOT_FOUND({ carrier: carrierName });
    await handleEach(carrier.read(signed, now()), ({ orderId }) => orderId, receive);
  };

  async function receive(message: TrackingMessage): Promise<void> {
    const known = await shipments.find(message.orderId);
    if (known === undefined || (known.carrierId !== "" && known.carrierId !== message.booking.carrierId))
      return onUnmatched(message);
    await shipments.update(known, (current) => follow(current, message.booking, message.status), message);
  }
}
