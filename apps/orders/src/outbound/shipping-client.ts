import { isKontorError } from "@kontor/errors";
import type { RpcClient } from "@kontor/rpc";
import type { ShippingService } from "@kontor/shop/contracts/shipping/v1/shipping_service";
import type { Shipping } from "../ports.ts";
import { RETRY_UNTIL_DEADLINE } from "./placement-reads.ts";

/** Shipping over gRPC. */
export function shippingClient(shipping: RpcClient<typeof ShippingService>): Shipping {
  return {
    quote: async (parcel) => {
      const { rate } = await shipping.quoteShipping(parcel, RETRY_UNTIL_DEADLINE);
      if (rate?.price === undefined) throw new Error("Shipping quoted a rate without a price.");
      return { currency: rate.price.currency, minor: rate.price.minor };
    },
    dispatch: async ({ items, ...parcel }) => {
      try {
        return (await shipping.dispatchShipment({ ...parcel, items: [...items] })).shipment?.trackingNumber;
      } catch (error) {
        if (isKontorError(error, "SHIPMENT_CLOSED")) return undefined;
        throw error;
      }
    },
    recall: async (orderId) => {
      try {
        await shipping.cancelShipment({ orderId });
        return "recalled";
      } catch (error) {
        if (isKontorError(error, "SHIPMENT_PICKED_UP")) return "gone";
        throw error;
      }
    },
  };
}
