import { defineEvents, type EventShape } from "@kontor/event-store";
import * as z from "zod/mini";
import { endOf } from "../domain/end-reason.ts";
import type { OrderEvent } from "../domain/order.ts";
import { instant, integer } from "./stored-values.ts";

const money = z.object({ currency: z.string(), minor: integer });
const { string } = z;

const line = z.object({ productId: string(), sku: string(), title: string(), quantity: z.int(), price: integer });
const place = { city: string(), postalCode: string(), region: string(), country: string() };
const address = z.object({ id: string(), recipient: string(), line1: string(), line2: string(), ...place });

const tax = z.object({ name: string(), rate: string(), net: integer, amount: integer });
const taxes = z.readonly(z.array(tax));
const part = z.object({ discount: integer, net: integer, taxes, gross: integer, reason: string() });
const discount = z.object({ promotionId: string(), title: string(), code: string(), amount: integer });
const charges = z.object({
  taxIncluded: z.boolean(),
  discounts: z.readonly(z.array(discount)),
  taxes,
  lines: z.readonly(z.array(part)),
  shipping: part,
  uses: z.readonly(z.array(z.object({ promotionId: string(), code: string() }))),
});

/** The stored content of an order, in its first event and in its row. */
export const placementShape = z.object({
  orderId: string(),
  number: z.exactOptional(string()),
  userId: string(),
  weightGrams: z.int(),
  address,
  shippingMethod: string(),
  paymentMethod: string(),
  lines: z.readonly(z.array(line)),
  itemsTotal: money,
  shippingTotal: money,
  total: money,
  charges: z.exactOptional(charges),
  billingAddress: z.exactOptional(address),
  note: z.exactOptional(string()),
  email: z.exactOptional(string()),
  emailKey: z.exactOptional(string()),
  locale: z.exactOptional(string()),
});

/** Discounts and taxes as JSON has them. */
export type StoredCharges = z.input<typeof charges>;

/** A placement as JSON has it: amounts are decimal strings. */
export type StoredPlacement = z.input<typeof placementShape>;

/** Returns the shape of events with these facts and their time. */
function shapeOf<S extends z.core.$ZodShape>(facts: S) {
  return codecOf(z.object({ ...facts, at: instant }));
}

function codecOf<S extends z.ZodMiniType>(schema: S): EventShape<z.output<S>> {
  return { encode: (facts) => z.encode(schema, facts), decode: (data) => z.parse(schema, data) };
}

const ended = { reason: string(), detail: string() };

/** How the events of orders are stored. A change that pods of the release before cannot read gets a new version and an upcaster. */
export const orderEventCodec = defineEvents<OrderEvent>({
  placed: { shape: shapeOf(placementShape.shape) },
  "stock-reserved": { shape: shapeOf({}) },
  "payment-action-required": { shape: shapeOf({ actionUrl: string() }) },
  "payment-authorised": { shape: shapeOf({ paymentId: string() }) },
  "stock-committed": { shape: shapeOf({}) },
  confirmed: { shape: shapeOf({}) },
  dispatched: { shape: shapeOf({ trackingNumber: string() }) },
  shipped: { shape: shapeOf({}) },
  completed: { shape: shapeOf({}) },
  rejected: {
    version: 2,
    shape: shapeOf(ended),
    upcasters: {
      // Version 1 may contain the technical cause, from before the list of public reasons.
      1: (data) => ({
        ...data,
        ...endOf({ reason: string().parse(data.reason), message: string().parse(data.detail) }),
      }),
    },
  },
  "cancellation-requested": { shape: shapeOf({ by: string(), reason: string() }) },
  "cancellation-refused": { shape: shapeOf({ detail: string() }) },
  cancelled: { shape: shapeOf(ended) },
  adopted: { shape: shapeOf({ userId: string() }) },
  refunded: { shape: shapeOf({ amount: integer, refunded: integer, actor: string(), reason: string() }) },
});
