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
import { startPspSimulator } from "./app.ts";

let dataDir: string;
let receiver: Receiver;
let psp: Simulator;
let client: Client;

async function start(): Promise<void> {
  const webhook = { url: receiver.url, secret: testWebhookSecret, attempts: 5 };
  psp = await startPspSimulator({
    host: "127.0.0.1",
    port: 0,
    dataDir,
    apiKey: testApiKey,
    webhook,
    slowMs: 50,
    holdMs: 50,
  });
  client = createClient(psp.port);
}

async function restart(): Promise<void> {
  await psp.close();
  await start();
}

function pay(paymentMethod: string, key?: string): Promise<Reply> {
  return client.post(
    "/v1/payments",
    { reference: "order-1", amount: 1_000, currency: "EUR", paymentMethod, capture: false },
    key,
  );
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "psp-"));
  receiver = await startReceiver();
  await start();
});
afterEach(async () => {
  await psp.close();
  await receiver.close();
  rmSync(dataDir, { recursive: true });
});

describe("a payment", () => {
  it("is authorised, captured in parts and refunded in parts, and stored", async () => {
    const { body } = await pay("tok_visa");
    expect(body).toMatchObject({
      status: "authorised",
      amount: 1_000,
      currency: "EUR",
      captured: 0,
      refunded: 0,
      voided: false,
    });
    const path = `/v1/payments/${body.id}`;
    expect((await client.post(`${path}/capture`, { amount: 300 })).body).toMatchObject({
      status: "captured",
      captured: 300,
    });
    expect((await client.post(`${path}/capture`, { amount: 701 })).body.error.code).toBe("amount_too_large");
    expect((await client.post(`${path}/capture`)).body).toMatchObject({
      captured: 1_000,
      operationId: expect.stringMatching(/^cap_/),
    });
    expect(await client.post(`${path}/refunds`, { amount: 400 })).toMatchObject({
      status: 201,
      body: { refunded: 400, status: "captured" },
    });
    expect((await client.post(`${path}/refunds`, { amount: 601 })).status).toBe(422);
    expect((await client.post(`${path}/void`)).status).toBe(409);
    await restart();
    expect((await client.get(path)).body).toMatchObject({ captured: 1_000, refunded: 400 });
    expect((await client.get("/v1/payments?reference=order-1")).body.payments).toHaveLength(1);
    expect((await client.get("/v1/balance")).body.balances).toEqual([
      { currency: "EUR", captured: 1_000, refunded: 400, net: 600 },
    ]);
    const types = () => receiver.received.map(({ type }) => type).sort();
    const expected = ["payment.authorised", "payment.captured", "payment.captured", "payment.refunded"];
    await vi.waitFor(() => expect(types()).toEqual(expected), { timeout: 5_000 });
  });

  it("is voided once and captured never after", async () => {
    const { body } = await pay("tok_visa");
    expect((await client.post(`/v1/payments/${body.id}/void`)).body).toMatchObject({ status: "voided", voided: true });
    expect((await client.post(`/v1/payments/${body.id}/void`)).status).toBe(200);
    expect((await client.post(`/v1/payments/${body.id}/capture`)).body.error.code).toBe("payment_voided");
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2), { timeout: 5_000 });
  });

  it.each([
    ["tok_declined", "card_declined"],
    ["tok_insufficient_funds", "insufficient_funds"],
  ])("with %s is declined", async (token, declineCode) => {
    const { status, body } = await pay(token);
    expect({ status, body }).toMatchObject({ status: 201, body: { status: "declined", declineCode } });
    expect((await client.post(`/v1/payments/${body.id}/capture`)).status).toBe(402);
    await vi.waitFor(() =>
      expect(receiver.received).toMatchObject([{ type: "payment.declined", data: { payment: { id: body.id } } }]),
    );
  });

  it.each([
    { amount: 0 },
    { amount: 1.5 },
    { amount: "1" },
    { currency: "euro" },
    { reference: "" },
    { paymentMethod: "tok_x" },
    { capture: true },
  ])("is refused with %o", async (wrong) => {
    const request = { reference: "r", amount: 1, currency: "EUR", paymentMethod: "tok_visa", ...wrong };
    expect((await client.post("/v1/payments", request)).status).toBe(422);
  });

  it("that does not exist is not found", async () => {
    expect((await client.get("/v1/payments/pay_x")).body.error.code).toBe("payment_not_found");
  });
});

describe("a test card", () => {
  it("tok_slow is pending and is authorised later, also after a restart", async () => {
    const { body } = await pay("tok_slow");
    expect(body.status).toBe("pending");
    await restart();
    await vi.waitFor(async () => expect((await client.get(`/v1/payments/${body.id}`)).body.status).toBe("authorised"), {
      timeout: 5_000,
    });
  });

  it("tok_timeout_after_success charges without a response, and the retry returns the charge", async () => {
    await expect(pay("tok_timeout_after_success", "k1")).rejects.toThrow();
    expect((await client.get("/v1/operations?idempotencyKey=k1")).body).toMatchObject({
      type: "payment.authorised",
      status: 201,
    });
    expect(await pay("tok_timeout_after_success", "k1")).toMatchObject({
      status: 201,
      replayed: true,
      body: { status: "authorised" },
    });
  });

  it("tok_error fails the first time", async () => {
    expect((await pay("tok_error", "k1")).status).toBe(500);
    await restart();
    expect((await pay("tok_error", "k1")).body.status).toBe("authorised");
  });

  it("tok_capture_fails_once and tok_refund_fails_once do so", async () => {
    const capture = await pay("tok_capture_fails_once");
    expect((await client.post(`/v1/payments/${capture.body.id}/capture`, {}, "k1")).status).toBe(503);
    expect((await client.post(`/v1/payments/${capture.body.id}/capture`, {}, "k1")).status).toBe(200);
    const refund = await pay("tok_refund_fails_once");
    await client.post(`/v1/payments/${refund.body.id}/capture`);
    expect((await client.post(`/v1/payments/${refund.body.id}/refunds`)).status).toBe(503);
    expect((await client.post(`/v1/payments/${refund.body.id}/refunds`)).status).toBe(201);
  });

  it("tok_3ds waits for the challenge, by API or by page", async () => {
    const first = await pay("tok_3ds");
    expect(first.body.status).toBe("requires_action");
    const path = `/v1/payments/${first.body.id}/complete-challenge`;
    expect((await client.post(path, { outcome: "fail" })).body).toMatchObject({
      status: "declined",
      declineCode: "authentication_failed",
    });
    expect((await client.post(path, { outcome: "fail" })).status).toBe(200);
    expect((await client.post(path, { outcome: "succeed" })).status).toBe(409);
    const second = await pay("tok_3ds");
    expect(await (await fetch(second.body.actionUrl)).text()).toContain("?outcome=succeed");
    expect((await fetch(`${second.body.actionUrl}?outcome=succeed`)).status).toBe(200);
    expect((await client.get(`/v1/payments/${second.body.id}`)).body.status).toBe("authorised");
    const types = () => receiver.received.map(({ type }) => type).sort();
    await vi.waitFor(() => expect(types()).toEqual(["payment.authorised", "payment.declined"]), { timeout: 5_000 });
  });
});
