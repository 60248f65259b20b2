import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Simulator } from "@kontor/simulator";
import {
  type Client,
  createClient,
  type Receiver,
  type Reply,
  startReceiver,
  testApiKey,
  testWebhookSecret,
} from "@kontor/simulator/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startCarrierSimulator } from "./app.ts";

let dataDir: string;
let receiver: Receiver;
let carrier: Simulator;
let client: Client;

async function start(pace: { stepMs: number; pickupMs: number }): Promise<void> {
  const webhook = { url: receiver.url, secret: testWebhookSecret, attempts: 5 };
  carrier = await startCarrierSimulator({ host: "127.0.0.1", port: 0, dataDir, apiKey: testApiKey, webhook, ...pace });
  client = createClient(carrier.port);
}

function book(overrides: object = {}): Promise<Reply> {
  const request = {
    reference: "order-1",
    service: "standard",
    parcels: [{ weightGrams: 900 }],
    to: { city: "Ulm", country: "DE" },
  };
  return client.post("/v1/shipments", { ...request, ...overrides });
}

const never = { stepMs: 600_000, pickupMs: 600_000 };
const soon = { stepMs: 10, pickupMs: 10 };

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "carrier-"));
  receiver = await startReceiver();
  await start(never);
});
afterEach(async () => {
  await carrier.close();
  await receiver.close();
  rmSync(dataDir, { recursive: true });
});

describe("a shipment", () => {
  it("is booked and moves to delivery on its own, also after a restart", async () => {
    const { status, body } = await book();
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { status: "booked", trackingNumber: expect.stringMatching(/^KT\d{12}$/) },
    });
    await carrier.close();
    await start(soon);
    const types = () => receiver.received.map(({ type }) => type).sort();
    const journey = ["shipment.delivered", "shipment.in_transit", "shipment.picked_up"];
    await vi.waitFor(() => expect(types()).toEqual(journey), { timeout: 5_000 });
    const { id, reference, trackingNumber } = body;
    expect(receiver.received[0]?.data).toMatchObject({
      shipmentId: id,
      reference,
      trackingNumber,
      location: expect.any(String),
    });
    expect((await client.get("/v1/shipments?reference=order-1")).body.shipments).toMatchObject([
      { id, status: "delivered" },
    ]);
  });

  it("is cancelled until it is picked up", async () => {
    const first = await book();
    expect((await client.post(`/v1/shipments/${first.body.id}/cancel`)).body.status).toBe("cancelled");
    expect((await client.post(`/v1/shipments/${first.body.id}/cancel`)).status).toBe(200);
    await vi.waitFor(() => expect(receiver.received).toMatchObject([{ type: "shipment.cancelled" }]), {
      timeout: 5_000,
    });
    const second = await book();
    expect((await client.post(`/v1/shipments/${second.body.id}/advance`)).body.status).toBe("picked_up");
    const late = await client.post(`/v1/shipments/${second.body.id}/cancel`);
    expect(late).toMatchObject({ status: 409, body: { error: { code: "already_picked_up" } } });
  });

  it("waits while the carrier is paused and moves faster by a knob", async () => {
    await client.post("/v1/control", { paused: true, stepMs: 5, pickupMs: 5 });
    const { body } = await book();
    expect((await client.post(`/v1/shipments/${body.id}/advance`)).body.status).toBe("picked_up");
    expect((await client.post("/v1/control", { paused: false })).body).toMatchObject({ paused: false, stepMs: 5 });
    await vi.waitFor(async () => expect((await client.get(`/v1/shipments/${body.id}`)).body.status).toBe("delivered"), {
      timeout: 5_000,
    });
    expect((await client.post(`/v1/shipments/${body.id}/advance`)).body.status).toBe("delivered");
  });

  it.each([
    [{ to: { country: "XX" } }, "undeliverable"],
    [{ parcels: [{ weightGrams: 40_000 }] }, "parcel_too_heavy"],
    [{ parcels: [] }, "invalid_request"],
    [{ parcels: [null] }, "invalid_request"],
    [{ service: "teleport" }, "invalid_request"],
    [{ to: "home" }, "invalid_request"],
  ])("is refused with %o", async (wrong, code) => {
    expect(await book(wrong)).toMatchObject({ status: 422, body: { error: { code } } });
  });
});

describe("rates", () => {
  it("are quoted per service by weight and country", async () => {
    const { body } = await client.get("/v1/rates?weightGrams=1500&country=DE");
    expect(body.rates).toEqual([
      { service: "standard", amount: 610, currency: "EUR", days: 3 },
      { service: "express", amount: 1_470, currency: "EUR", days: 1 },
    ]);
    expect((await client.get("/v1/rates?weightGrams=1500&country=FR")).body.rates[0]).toMatchObject({
      amount: 1_510,
      days: 6,
    });
  });

  it("are refused without a country and without a weight", async () => {
    expect((await client.get("/v1/rates?weightGrams=1&country=XX")).body.error.code).toBe("undeliverable");
    expect((await client.get("/v1/rates?country=DE")).status).toBe(422);
  });
});
