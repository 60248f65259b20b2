import { requestsTo } from "@kontor/telemetry";
import { isSignedBy } from "@kontor/webhooks";
import { Pool } from "undici";
import { shippingErrors } from "../domain/errors.ts";
import type { Booking, Parcel } from "../domain/shipment.ts";
import type { Carrier, CarrierState } from "../ports.ts";
import { readCarrierState, trackingMessages } from "./carrier-message.ts";

type Options = { readonly url: string; readonly apiKey: string; readonly secrets: readonly string[] };
type Answer = { readonly status: number; readonly body: unknown };

const TIMEOUT_MS = 5_000;

/** Calls the carrier over HTTP. A response that neither confirms nor refuses leaves the outcome unknown. */
export function createCarrier({ url, apiKey, secrets }: Options): Carrier & { close(): Promise<void> } {
  const { origin, pathname } = new URL(url);
  const base = pathname.replace(/\/$/, "");
  const pool = new Pool(origin, {
    connections: 32,
    connect: { timeout: TIMEOUT_MS },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    keepAliveTimeout: 30_000,
  });

  const observe = requestsTo("carrier");

  function call(method: "GET" | "POST", path: string, key?: string, body?: object): Promise<Answer> {
    const headers: Record<string, string> = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
    if (key !== undefined) headers["idempotency-key"] = key;
    const request = { method, path: `${base}${path}`, headers, ...(body && { body: JSON.stringify(body) }) };
    const sent = observe({ method, path, headers }, async () => {
      const { statusCode, body: answer } = await pool.request(request);
      return { status: statusCode, body: await answer.json() };
    });
    return sent.catch((cause) => {
      throw shippingErrors.CARRIER_UNAVAILABLE({ cause, retryAfterMs: 1_000 });
    });
  }

  return {
    async book(parcel) {
      const { status, body } = await call("POST", "/v1/shipments", bookingKey(parcel.orderId), requestOf(parcel));
      if (status === 422) throw shippingErrors.SHIPMENT_REFUSED({ orderId: parcel.orderId, why: errorOf(body) });
      return bookingOf(expect(status, body));
    },
    async bookingOf(orderId) {
      const path = `/v1/operations?idempotencyKey=${encodeURIComponent(bookingKey(orderId))}`;
      const { status, body } = await call("GET", path);
      return status === 404 ? undefined : bookingOf((expect(status, body) as { answer: unknown }).answer);
    },
    async stateOf(carrierId) {
      const { status, body } = await call("GET", `/v1/shipments/${encodeURIComponent(carrierId)}`);
      return isForgotten(status, body) ? undefined : readState(expect(status, body));
    },
    async recall(orderId, carrierId) {
      const path = `/v1/shipments/${encodeURIComponent(carrierId)}/cancel`;
      const { status, body } = await call("POST", path, `cancel:${orderId}`, {});
      if (status === 409) return "gone";
      if (isForgotten(status, body)) return "forgotten";
      expect(status, body);
      return "recalled";
    },
    read(message, at) {
      if (!isSignedBy(secrets, message, at)) throw shippingErrors.SIGNATURE_WRONG();
      return trackingMessages(message);
    },
    close: () => pool.close(),
  };
}

const bookingKey = (orderId: string) => `ship:${orderId}`;

function requestOf({ orderId, method, weightGrams, address }: Parcel): object {
  return { reference: orderId, service: method, parcels: [{ weightGrams: Math.max(weightGrams, 1) }], to: address };
}

function expect(status: number, body: unknown): unknown {
  if (status >= 200 && status < 300) return body;
  const cause = new Error(`The carrier responded with ${status}: ${errorOf(body)}`);
  throw shippingErrors.CARRIER_UNAVAILABLE({ cause, retryAfterMs: 1_000 });
}

function bookingOf(body: unknown): Booking {
  const { id, trackingNumber } = body as { id?: unknown; trackingNumber?: unknown };
  if (typeof id === "string" && typeof trackingNumber === "string") return { carrierId: id, trackingNumber };
  const cause = new Error("The carrier's response names no shipment.");
  throw shippingErrors.CARRIER_UNAVAILABLE({ cause, retryAfterMs: 1_000 });
}

/** Any other 404 is a wrong address, not a response about the shipment. */
function isForgotten(status: number, body: unknown): boolean {
  const { error } = (body ?? {}) as { error?: { code?: unknown } };
  return status === 404 && error?.code === "shipment_not_found";
}

function readState(body: unknown): CarrierState {
  const state = readCarrierState(body);
  if (state !== undefined) return state;
  const cause = new Error("The carrier's response names no status and time of the shipment.");
  throw shippingErrors.CARRIER_UNAVAILABLE({ cause, retryAfterMs: 1_000 });
}

function errorOf(body: unknown): string {
  const { error } = (body ?? {}) as { error?: { message?: unknown } };
  return typeof error?.message === "string" ? error.message : "no reason given";
}
