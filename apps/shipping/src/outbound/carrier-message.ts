import { type FieldViolation, invalid, violation } from "@kontor/errors";
import { parseInstant } from "@kontor/text";
import type { SignedMessage } from "@kontor/webhooks";
import type { Status } from "../domain/shipment.ts";
import type { CarrierState, TrackingMessage } from "../ports.ts";

const statuses: Readonly<Record<string, Status>> = {
  "shipment.picked_up": "picked_up",
  "shipment.in_transit": "in_transit",
  "shipment.delivered": "delivered",
  "shipment.cancelled": "cancelled",
};

/** Reads a verified message of the carrier. Undefined for a type that does not concern us. */
export function readTrackingMessage({ id, body }: SignedMessage): TrackingMessage | undefined {
  const { type, data } = parse(body);
  const status = statuses[text(type, "payload.type")];
  if (status === undefined) return undefined;
  const facts = object(data, "payload.data");
  return {
    webhookId: id,
    orderId: text(facts.reference, "payload.data.reference"),
    booking: {
      carrierId: text(facts.shipmentId, "payload.data.shipmentId"),
      trackingNumber: text(facts.trackingNumber, "payload.data.trackingNumber"),
    },
    status,
    location: typeof facts.location === "string" ? facts.location : "",
    at: instant(facts.at),
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

function parse(body: Uint8Array): Record<string, unknown> {
  try {
    return object(JSON.parse(Buffer.from(body).toString("utf8")), "payload");
  } catch (cause) {
    throw cause instanceof SyntaxError ? unreadable(violation("payload", "NOT_JSON")) : cause;
  }
}

function object(value: unknown, field: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return { ...value };
  throw unreadable(violation(field, "WRONG_TYPE", { expected: "object" }));
}

function text(value: unknown, field: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw unreadable(violation(field, "WRONG_TYPE", { expected: "string" }));
}

function instant(value: unknown): Date {
  const at = parseInstant(text(value, "payload.data.at"));
  if (at === undefined) throw unreadable(violation("payload.data.at", "NOT_A_TIME"));
  return at;
}

function unreadable(found: FieldViolation) {
  return invalid([found], "shipping.shop");
}
