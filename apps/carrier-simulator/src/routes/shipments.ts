import { randomInt, randomUUID } from "node:crypto";
import {
  amountField,
  type Call,
  HttpError,
  invalidRequest,
  isJsonObject,
  type Journal,
  type Outcome,
  objectField,
  type Parts,
  type Route,
  textField,
} from "@kontor/simulator";
import { checkCountry, checkService, checkWeight } from "../domain/rates.ts";
import { type Address, cancel, type Parcel, type Shipment } from "../domain/shipment.ts";
import type { Journeys } from "../journeys.ts";
import { tracking } from "../tracking.ts";

interface Deps {
  readonly journal: Journal<Shipment>;
  readonly operation: Parts<Shipment>["operation"];
  readonly journeys: Journeys;
}

export function shipmentRoutes({ journal, operation, journeys }: Deps): Route[] {
  function find(call: Call): Shipment {
    const shipment = journal.get(call.param("id"));
    if (shipment) return shipment;
    throw new HttpError(404, "shipment_not_found", `There is no shipment ${call.param("id")}.`);
  }

  function book({ body }: Call): Outcome<Shipment> {
    const now = new Date().toISOString();
    const shipment: Shipment = {
      id: `shp_${randomUUID()}`,
      reference: textField(body, "reference"),
      trackingNumber: `KT${randomInt(1e11, 1e12)}`,
      service: checkService(textField(body, "service")),
      parcels: parcels(body.parcels),
      to: address(objectField(body, "to")),
      status: "booked",
      location: "Sender",
      at: now,
      createdAt: now,
    };
    journeys.schedule(shipment);
    return { type: "shipment.booked", resource: shipment, status: 201, answer: shipment };
  }

  function cancelShipment(call: Call): Outcome<Shipment> {
    const shipment = find(call);
    const cancelled = cancel(shipment, new Date().toISOString());
    if (cancelled === shipment)
      return { type: "shipment.unchanged", resource: shipment, status: 200, answer: shipment };
    return {
      type: "shipment.cancelled",
      resource: cancelled,
      webhook: tracking(cancelled),
      status: 200,
      answer: cancelled,
    };
  }

  return [
    operation("/v1/shipments", book),
    operation("/v1/shipments/{id}/cancel", cancelShipment),
    {
      method: "POST",
      path: "/v1/shipments/{id}/advance",
      handle: (call) => ({ status: 200, body: journeys.step(find(call)) }),
    },
    { method: "GET", path: "/v1/shipments/{id}", handle: (call) => ({ status: 200, body: find(call) }) },
    {
      method: "GET",
      path: "/v1/shipments",
      handle({ query }) {
        const reference = query.get("reference");
        if (!reference) throw invalidRequest('Query with "?reference=".');
        return { status: 200, body: { shipments: journal.byReference(reference) } };
      },
    },
  ];
}

function parcels(value: unknown): Parcel[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > 50)
    throw invalidRequest('"parcels" must list 1 to 50 parcels.');
  return value.map((parcel: unknown) => {
    const weightGrams = amountField(isJsonObject(parcel) ? parcel : {}, "weightGrams");
    checkWeight(weightGrams);
    return { weightGrams };
  });
}

function address(to: Readonly<Record<string, unknown>>): Address {
  const country = textField(to, "country");
  checkCountry(country);
  return { ...to, country };
}
