import { type DispatchShipmentRequest, ShippingService } from "@kontor/contracts/shipping/v1/shipping_service";
import { type FieldViolation, invalid } from "@kontor/errors";
import { type CallContext, type Implementation, implement } from "@kontor/rpc";
import { COUNTRY_RULE, isCountry } from "@kontor/text";
import { signedMessage } from "@kontor/webhooks";
import type { cancelShipment } from "../commands/cancel-shipment.ts";
import type { dispatchShipment } from "../commands/dispatch-shipment.ts";
import type { receiveWebhook } from "../commands/receive-webhook.ts";
import { rateFor, ratesFor } from "../domain/rates.ts";
import type { Parcel } from "../domain/shipment.ts";
import { shipmentMessage } from "../outbound/shipment-message.ts";
import type { findShipment } from "../queries/find-shipment.ts";

type Needs = {
  readonly dispatchShipment: ReturnType<typeof dispatchShipment>;
  readonly cancelShipment: ReturnType<typeof cancelShipment>;
  readonly receiveWebhook: ReturnType<typeof receiveWebhook>;
  readonly findShipment: ReturnType<typeof findShipment>;
};

const DEFAULT_GRAMS = 1_000;

/** ShippingService over gRPC. */
export function shippingService(app: Needs): Implementation {
  return implement(ShippingService, {
    async listRates({ country, weightGrams }) {
      check("country", isCountry(country), COUNTRY_RULE);
      check("weightGrams", weightGrams >= 0, "Must not be negative.");
      return { rates: [...ratesFor(country, weightGrams || DEFAULT_GRAMS)] };
    },
    async quoteShipping({ method, country, weightGrams, currency }) {
      check("country", isCountry(country), COUNTRY_RULE);
      check("weightGrams", weightGrams >= 0, "Must not be negative.");
      return { rate: rateFor(method, country, weightGrams, currency) };
    },
    async getShipmentByOrder({ orderId }, ctx) {
      const { tracking, ...shipment } = await app.findShipment(orderId, readerOf(ctx));
      return { shipment: shipmentMessage(shipment, tracking) };
    },
    async receiveWebhook({ carrier, payload }, { metadata }) {
      await app.receiveWebhook(carrier, signedMessage(metadata, payload?.data));
      return {};
    },
    async dispatchShipment(request) {
      return { shipment: shipmentMessage(await app.dispatchShipment(parcelOf(request))) };
    },
    async cancelShipment({ orderId }) {
      check("orderId", orderId !== "", "Name an order.");
      return { shipment: shipmentMessage(await app.cancelShipment(orderId)) };
    },
  });
}

function parcelOf({ orderId, userId, method, address, items, weightGrams }: DispatchShipmentRequest): Parcel {
  check("orderId", orderId !== "", "Name an order.");
  check("items", items.length > 0, "A parcel holds at least one item.");
  check("weightGrams", weightGrams >= 0, "Must not be negative.");
  if (address === undefined) throw refusal("address", "A parcel goes somewhere.");
  const { $typeName: _, $unknown: __, ...plain } = address;
  const packed = items.map(({ sku, quantity }) => ({ sku, quantity: Number(quantity) }));
  return { orderId, userId, method, address: plain, items: packed, weightGrams };
}

function readerOf({ principal }: CallContext) {
  return { userId: principal?.subject ?? "", readsAny: principal?.scopes.has("orders.read.any") ?? false };
}

function check(field: FieldViolation["field"], holds: boolean, description: string): void {
  if (!holds) throw refusal(field, description);
}

function refusal(field: string, description: string) {
  return invalid([{ field, description }], "shipping.kontor");
}
