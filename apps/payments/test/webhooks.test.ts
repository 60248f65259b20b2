import { createHmac, randomUUID } from "node:crypto";
import { isKontorError } from "@kontor/errors";
import { PaymentStatus } from "@kontor/shop/contracts/payments/v1/payment";
import { eventually, rowsOf } from "@kontor/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { anOrder, type Shop, startShop } from "./shop.ts";
import { WEBHOOK_SECRET } from "./simulator.ts";

describe("webhooks of the card provider", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop();
  });
  afterEach(() => shop.psp.control({ duplicateWebhooks: false, reorderWebhooks: false, delayWebhooksMs: 0 }));
  afterAll(() => shop.stop());

  const authorised = async () => {
    const order = anOrder();
    const { payment } = await shop.payments.authorisePayment(order);
    return { ...order, providerReference: payment?.providerReference ?? "" };
  };

  const snapshot = (order: { orderId: string; providerReference: string }, overrides: object = {}) => ({
    ...{ id: order.providerReference, reference: order.orderId, status: "captured" },
    ...{ amount: 1200, currency: "EUR", captured: 1200, refunded: 0 },
    ...overrides,
  });

  function signed(payment: object, { id = `evt_${randomUUID()}`, secret = WEBHOOK_SECRET, ageSeconds = 0 } = {}) {
    return signedBody({ id, type: "payment.captured", data: { payment } }, { id, secret, ageSeconds });
  }

  function signedBody(body: object, { id = `msg_${randomUUID()}`, secret = WEBHOOK_SECRET, ageSeconds = 0 } = {}) {
    const timestamp = String(Math.floor(Date.now() / 1000) - ageSeconds);
    const data = Buffer.from(JSON.stringify(body));
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    const signature = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(data).digest("base64");
    const metadata = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
    return { data, metadata };
  }

  const send = ({ data, metadata }: ReturnType<typeof signed>, provider = "psp") =>
    shop.payments.receiveWebhook({ provider, payload: { contentType: "application/json", data } }, { metadata }).then(
      () => "accepted",
      (error: unknown) => (isKontorError(error) ? `${error.code} ${error.reason}` : error),
    );

  const statusOf = async ({ orderId }: { orderId: string }) => {
    const [row] = await shop.db.query("SELECT status FROM payments WHERE order_id = $1", [orderId]);
    return row?.status;
  };

  const heard = async ({ orderId }: { orderId: string }) => {
    const text = "SELECT type FROM webhook_events JOIN payments p ON p.id = payment_id WHERE order_id = $1";
    return (await rowsOf<{ type: string }>(shop.db, text, [orderId])).map(({ type }) => type).sort();
  };

  it("that come twice and out of order change nothing more", async () => {
    await shop.psp.control({ duplicateWebhooks: true, reorderWebhooks: true });
    const orders = await Promise.all(Array.from({ length: 6 }, authorised));
    await Promise.all(orders.map(({ orderId }) => shop.payments.capturePayment({ orderId })));
    await Promise.all(orders.map(({ orderId }) => shop.payments.refundOrder({ orderId })));
    for (const order of orders) {
      const types = ["payment.authorised", "payment.captured", "payment.refunded"];
      await eventually(async () => expect(await heard(order)).toEqual(types));
      expect(await statusOf(order)).toBe("refunded");
      expect(await shop.events(order.orderId)).toEqual(["Authorised", "Captured", "Refunded"]);
    }
  });

  it("may arrive before the response to the shop's own call", async () => {
    const order = anOrder({ paymentMethod: "tok_timeout_after_success" });
    const calls = shop.payments.authorisePayment(order);
    await eventually(async () => expect(await statusOf(order)).toBe("authorised"));
    expect((await calls).payment).toMatchObject({ status: PaymentStatus.AUTHORISED });
    expect(await shop.events(order.orderId)).toEqual(["Authorised"]);
  });

  it("act once under one id, also at once", async () => {
    const order = await authorised();
    const message = signed(snapshot(order));
    expect(await Promise.all([1, 2, 3, 4].map(() => send(message)))).toEqual(Array(4).fill("accepted"));
    expect(await shop.events(order.orderId)).toEqual(["Authorised", "Captured"]);
    const booked = await shop.db.query(
      "SELECT 1 FROM ledger_transactions JOIN payments p ON p.id = payment_id WHERE order_id = $1",
      [order.orderId],
    );
    expect(booked).toHaveLength(1);
  });

  it("that come late do not move a payment back", async () => {
    const order = await authorised();
    await shop.payments.capturePayment({ orderId: order.orderId });
    expect(await send(signed(snapshot(order, { status: "authorised", captured: 0 })))).toBe("accepted");
    expect(await statusOf(order)).toBe("captured");
  });

  it("are refused if they are forged, changed, or too old", async () => {
    const order = await authorised();
    const good = signed(snapshot(order));
    const refused = "UNAUTHENTICATED SIGNATURE_WRONG";
    expect(await send(signed(snapshot(order), { secret: "whsec_Zm9yZ2Vk" }))).toBe(refused);
    expect(await send({ ...good, data: Buffer.from(good.data.toString().replace("captured", "refunded")) })).toBe(
      refused,
    );
    expect(await send({ ...good, metadata: { ...good.metadata, "webhook-signature": "" } })).toBe(refused);
    expect(await send(signed(snapshot(order), { ageSeconds: 400 }))).toBe(refused);
    expect(await statusOf(order)).toBe("authorised");
  });

  it("of a provider we do not know are not found", async () => {
    expect(await send(signed({}), "acme")).toBe("NOT_FOUND PROVIDER_UNKNOWN");
  });

  it("that cannot be read are refused", async () => {
    expect(await send(signed({ id: "x" }))).toBe("INVALID_ARGUMENT INVALID_REQUEST");
  });

  it("about unknown payments are accepted and stored", async () => {
    const id = `evt_${randomUUID()}`;
    const stranger = { ...(await authorised()), orderId: "somebody-elses" };
    expect(await send(signed(snapshot(stranger), { id }))).toBe("accepted");
    const kept = await shop.db.query(
      "SELECT payment_id, payload->>'reference' AS of FROM webhook_events WHERE id = $1",
      [id],
    );
    expect(kept).toEqual([{ payment_id: null, of: "somebody-elses" }]);
  });

  it("of several events act for each of them, and a poisonous one stops no other", async () => {
    const orders = await Promise.all(Array.from({ length: 3 }, authorised));
    const events = orders.map((order) => ({
      ...{ id: `evt_${randomUUID()}`, type: "payment.captured", data: { payment: snapshot(order) } },
    }));
    const body = [...events, { id: "evt_poison", type: "payment.captured", data: {} }, { type: "without-id" }];
    const message = signedBody(body);
    for (const _ of [1, 2]) expect(await send(message)).toBe("INVALID_ARGUMENT INVALID_REQUEST");
    for (const order of orders) {
      expect(await statusOf(order)).toBe("captured");
      expect(await shop.events(order.orderId)).toEqual(["Authorised", "Captured"]);
    }
    expect(await send(signedBody(events))).toBe("accepted");
    expect(await send(signedBody([]))).toBe("accepted");
  });

  it("in doubt are checked with the provider", async () => {
    const order = await authorised();
    expect(await send(signed(snapshot(order, { amount: 1, captured: 1 })))).toBe("accepted");
    expect(await statusOf(order)).toBe("authorised");
  });
});
