import { invalid, violation } from "@kontor/errors";
import { type CallContext, type Implementation, implement } from "@kontor/rpc";
import { type DispatchShipmentRequest, ShippingService } from "@kontor/shop/contracts/shipping/v1/shipping_service";
import { signedMessage } from "@kontor/webhooks";
import type { cancelShipment } from "../commands/cancel-shipment.ts";
import type { dispatchShipment } from "../commands/dispatch-shipment.ts";
import type { receiveWebhook } from "../commands/receive-webhook.ts";
import { listOf } from "../contract/list-request.ts";
import { shipmentMessage } from "../contract/shipment-message.ts";
import { rateFor, ratesFor } from "../domain/rates.ts";
import type { Parcel } from "../domain/shipment.ts";
import type { findShipment } from "../queries/find-shipment.ts";
import type { listShipments } from "../queries/list-shipments.ts";

type Deps = {
  readonly dispatchShipment: ReturnType<typeof dispatchShipment>;
  readonly cancelShipment: ReturnType<typeof cancelShipment>;
  readonly receiveWebhook: ReturnType<typeof receiveWebhook>;
  readonly listShipments: ReturnType<typeof listShipments>;
  readonly findShipment: ReturnType<typeof findShipment>;
};

const DEFAULT_GRAMS = 1_000;

/** ShippingService over gRPC. */
export function shippingService(app: Deps): Implementation {
  return implement(ShippingService, {
    async listRates({ country, weightGrams }) {
      return { rates: [...ratesFor(country, weightGrams || DEFAULT_GRAMS)] };
    },
    async quoteShipping({ method, country, weightGrams, currency }) {
      return { rate: rateFor(method, country, weightGrams, currency) };
    },
    async getShipmentByOrder({ orderId }, ctx) {
      const { tracking, ...shipment } = await app.findShipment(orderId, readerOf(ctx));
      return { shipment: shipmentMessage(shipment, tracking) };
    },
    async listShipments(request) {
      const { items, ...next } = await app.listShipments(listOf(request));
      return { shipments: items.map((shipment) => shipmentMessage(shipment)), ...next };
    },
    async receiveWebhook({ carrier, payload }, { metadata }) {
      await app.receiveWebhook(carrier, signedMessage(metadata, payload?.data));
      return {};
    },
    async dispatchShipment(request) {
      return { shipment: shipmentMessage(await app.dispatchShipment(parcelOf(request))) };
    },
    async cancelShipment({ orderId }) {
      return { shipment: shipmentMessage(await app.cancelShipment(orderId)) };
    },
  });
}

function parcelOf({ orderId, userId, method, address, items, weightGrams }: DispatchShipmentRequest): Parcel {
  if (address === undefined) throw invalid([violation("address", "REQUIRED")], "shipping.shop");
  const { $typeName: _, $unknown: __, line2 = "", region = "", ...plain } = address;
  const packed = items.map(({ sku, quantity }) => ({ sku, quantity: Number(quantity) }));
  return { orderId, userId, method, address: { ...plain, line2, region }, items: packed, weightGrams };
}

function readerOf({ principal }: CallContext) {
  return { userId: principal?.subject ?? "", readsAny: principal?.scopes.has("orders.read.any") ?? false };
}
