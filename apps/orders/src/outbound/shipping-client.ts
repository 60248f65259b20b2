import { isKontorError } from "@kontor/errors";
import type { Money } from "@kontor/money";
import type { RpcClient } from "@kontor/rpc";
import type { ShippingService } from "@kontor/shop/contracts/shipping/v1/shipping_service";
import type { Shipping } from "../callees.ts";
import { createSingleRead } from "./shared-read.ts";

/** Shipping over gRPC. Orders that are placed at the same time share the quote of equal parcels. */
export function shippingClient(shipping: RpcClient<typeof ShippingService>): Shipping {
  const quote = createSingleRead<Parameters<Shipping["quote"]>[0], Money>(
    ({ method, country, weightGrams, currency }) => JSON.stringify([method, country, weightGrams, currency]),
    async (parcel, options) => {
      const { rate } = await shipping.quoteShipping(parcel, options);
      if (rate?.price === undefined) throw new Error("Shipping quoted a rate without a price.");
      return { currency: rate.price.currency, minor: rate.price.minor };
    },
  );
  return {
    quote,
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
