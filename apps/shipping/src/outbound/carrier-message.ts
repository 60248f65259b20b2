import { type FieldViolation, invalid, violation } from "@kontor/errors";
import { parseInstant } from "@kontor/text";
import { eventsOf, type ReadEvent, type SignedMessage, type WebhookEvent } from "@kontor/webhooks";
import type { Status } from "../domain/shipment.ts";
import type { CarrierState, TrackingMessage } from "../ports.ts";

const statuses: Readonly<Record<string, Status>> = {
  "shipment.picked_up": "picked_up",
  "shipment.in_transit": "in_transit",
  "shipment.delivered": "delivered",
  "shipment.cancelled": "cancelled",
};

/** Returns what reads the events of a verified message of the carrier. Throws INVALID_REQUEST if it is not JSON. */
export function trackingMessages(message: SignedMessage): readonly ReadEvent<TrackingMessage>[] {
  try {
    return eventsOf(message).map((event) => () => readTrackingMessage(event));
  } catch (cause) {
    throw cause instanceof SyntaxError ? unreadable(violation("payload", "NOT_JSON")) : cause;
  }
}

/** Reads one event. Undefined for a type that does not concern us. */
function readTrackingMessage({ id, content, field }: WebhookEvent): TrackingMessage | undefined {
  const { type, data } = object(content, field);
  const status = statuses[text(type, `${field}.type`)];
  if (status === undefined) return undefined;
  const facts = object(data, `${field}.data`);
  return {
    webhookId: text(id, `${field}.id`),
    orderId: text(facts.reference, `${field}.data.reference`),
    booking: {
      carrierId: text(facts.shipmentId, `${field}.data.shipmentId`),
      trackingNumber: text(facts.trackingNumber, `${field}.data.trackingNumber`),
    },
    status,
    location: typeof facts.location === "string" ? facts.location : "",
    at: instant(facts.at, `${field}.data.at`),
  };
}

/** Reads a shipment as the carrier returns it; undefined if it does not look like one. */
export function readCarrierState(body: unknown): CarrierState | undefined {
  const { status, location, at } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const known = status === "booked" ? "booked" : statuses[`shipment.${status}`];
  const time = typeof at === "string" ? parseInstant(at) : undefined;
  if (known === undefined || time === undefined) return undefined;
  return { status: known, location: typeof location === "string" ? location : "", at: time };
}

function object(value: unknown, field: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return { ...value };
  throw unreadable(violation(field, "WRONG_TYPE", { expected: "object" }));
}

function text(value: unknown, field: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw unreadable(violation(field, "WRONG_TYPE", { expected: "string" }));
}

function instant(value: unknown, field: string): Date {
  const at = parseInstant(text(value, field));
  if (at === undefined) throw unreadable(violation(field, "NOT_A_TIME"));
  return at;
}

function unreadable(found: FieldViolation) {
  return invalid([found], "shipping.shop");
}
