import { createMemoryIdempotency } from "@kontor/idempotency/memory-idempotency";
import { createTestClock } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { describe, expect, it } from "vitest";
import { memoryOperations } from "../../test/memory-operations.ts";
import { memoryLedger, memoryPayments, memoryWebhooks } from "../../test/memory-payments.ts";
import { createMemoryProvider } from "../../test/memory-provider.ts";
import { createMemoryTables } from "../../test/memory-tables.ts";
import type { NewPayment } from "../domain/payment.ts";
import type { ProviderPayment } from "../domain/provider-payment.ts";
import type { SoldItem } from "../domain/restock.ts";
import type { RefundRequest } from "../ports.ts";
import { getPaymentByOrder } from "../queries/get-payment-by-order.ts";
import { listLedgerEntries } from "../queries/list-ledger-entries.ts";
import { listPayments } from "../queries/list-payments.ts";
import { authorisePayment } from "./authorise-payment.ts";
import { capturePayment } from "./capture-payment.ts";
import { createCarryOut } from "./carry-out.ts";
import { receiveWebhook } from "./receive-webhook.ts";
import { refundOrder } from "./refund-order.ts";
import { refundPayment } from "./refund-payment.ts";
import { sweep } from "./sweep.ts";
import { voidPayment } from "./void-payment.ts";

const reason = (name: string) => ({ reason: name });
const valid = () => undefined;
const invalid = () => {
  throw new Error("The request is invalid.");
};
const aRequest = (overrides: Partial<NewPayment> = {}): NewPayment => {
  return { orderId: "O-1", userId: "U-1", method: "card", amount: 1000n, currency: "EUR", ...overrides };
};

/** Creates the commands of payments over stores and a provider in memory. */
function openPayments() {
  const clock = createTestClock();
  const { now } = clock;
  const db = createMemoryDatabase();
  const tables = createMemoryTables(db, now);
  const [payments, operations, ledger] = [memoryPayments(tables), memoryOperations(tables), memoryLedger(tables)];
  const provider = createMemoryProvider();
  const carryOut = createCarryOut({ payments, operations, provider, now });
  const sold: SoldItem[] = [];
  const failures: string[] = [];
  const unmatched: string[] = [];
  const authorise = authorisePayment({ payments, carryOut, now });
  const voided = voidPayment({ payments, operations, provider, carryOut, now });
  const refund = refundPayment({
    ...{ payments, operations, carryOut, idempotency: createMemoryIdempotency(db) },
    inventory: { soldItems: async () => sold },
  });
  let heard: ProviderPayment | undefined;
  const hear = receiveWebhook({
    ...{ payments, webhooks: memoryWebhooks(tables), provider, now },
    onUnmatched: (_, why) => void unmatched.push(why),
    readers: new Map([
      [
        "psp",
        ({ id }) => {
          if (heard === undefined) throw new Error("No webhook was sent.");
          const event = { provider: "psp", id, type: "payment.changed", payment: heard };
          return [() => event];
        },
      ],
    ]),
  });
  const call = { deadline: new Date(Date.now() + 10_000), signal: new AbortController().signal };
  return {
    ...{ clock, tables, payments, provider, sold, failures, unmatched, voided },
    authorise: (overrides?: Partial<NewPayment>, validate: () => void = valid) =>
      authorise(aRequest(overrides), validate),
    capture: capturePayment({ payments, operations, carryOut }),
    refundOrder: refundOrder({ payments, operations, carryOut, voidPayment: voided }),
    refund: (paymentId: string, overrides: Partial<RefundRequest> = {}, validate: () => void = valid) => {
      const request = { key: "k-1", amount: 0n, reason: "Scratch", actor: "staff:s-1", restock: [], ...overrides };
      return refund(paymentId, request, { call, validate });
    },
    sweep: sweep({
      ...{ payments, operations, carryOut },
      onFailure: (error) => void failures.push((error as { reason?: string }).reason ?? String(error)),
    }),
    webhook(id: string, payment: ProviderPayment | undefined, by = "psp") {
      heard = payment;
      return hear(by, { id, timestamp: "0", signature: "", body: Buffer.alloc(0) });
    },
    find: getPaymentByOrder({ payments }),
    list: listPayments({ payments }),
    entries: listLedgerEntries({ payments, ledger }),
  };
}

async function withCaptured() {
  const shop = openPayments();
  await shop.authorise();
  return { ...shop, payment: await shop.capture("O-1") };
}

describe("authorising", () => {
  it("holds the amount once per order, and returns the payment again", async () => {
    const { authorise, provider } = openPayments();
    const payment = await authorise();
    expect(payment).toMatchObject({ status: "authorised", amount: 1000n, providerReference: "pay_1" });
    expect(await authorise({}, invalid)).toEqual(payment);
    await expect(authorise({ amount: 1n })).rejects.toMatchObject(reason("PAYMENT_DIFFERS"));
    await expect(authorise({ orderId: "O-2" }, invalid)).rejects.toThrow("The request is invalid.");
    expect(provider.effects).toEqual(["authorise auth:O-1"]);
  });

  it("returns a declined payment, and one that needs an action of the shopper", async () => {
    const { authorise, provider } = openPayments();
    provider.next = { status: "declined", declineCode: "insufficient_funds" };
    expect(await authorise()).toMatchObject({ status: "declined", declineCode: "insufficient_funds" });
    provider.next = { status: "requires_action", actionUrl: "https://bank.example/1" };
    expect(await authorise({ orderId: "O-2" })).toMatchObject({ actionUrl: "https://bank.example/1" });
    provider.endings.authorise.push("refused");
    expect(await authorise({ orderId: "O-3" })).toMatchObject({ declineCode: "method_not_accepted" });
  });

  it("finds out what a lost response said, and requests again what never arrived", async () => {
    const { authorise, provider } = openPayments();
    provider.endings.authorise.push("lost", "away");
    await expect(authorise()).rejects.toMatchObject(reason("PAYMENT_OUTCOME_UNKNOWN"));
    expect(await authorise()).toMatchObject({ status: "authorised" });
    await expect(authorise({ orderId: "O-2" })).rejects.toMatchObject(reason("PAYMENT_OUTCOME_UNKNOWN"));
    expect(await authorise({ orderId: "O-2" })).toMatchObject({ status: "authorised" });
    expect(provider.effects).toEqual(["authorise auth:O-1", "authorise auth:O-2"]);
  });
});

describe("capturing", () => {
  it("takes all that is held, once", async () => {
    const { capture, payment, provider, entries } = await withCaptured();
    expect(payment).toMatchObject({ status: "captured", captured: 1000n });
    expect(await capture("O-1")).toEqual(payment);
    expect(provider.effects).toEqual(["authorise auth:O-1", "capture capture:O-1"]);
    expect(await entries(payment.id)).toMatchObject([{ amount: 1000n }, { amount: -1000n }]);
  });

  it("finishes a capture whose response was lost, and says when the provider refuses", async () => {
    const { authorise, capture, provider } = openPayments();
    await authorise();
    provider.endings.capture.push("refused", "lost");
    await expect(capture("O-1")).rejects.toMatchObject(reason("PROVIDER_REFUSED"));
    await expect(capture("O-1")).rejects.toMatchObject(reason("PAYMENT_OUTCOME_UNKNOWN"));
    expect(await capture("O-1")).toMatchObject({ status: "captured" });
  });

  it("needs an authorised payment that the provider knows", async () => {
    const { authorise, capture, provider, payments } = openPayments();
    await expect(capture("O-1")).rejects.toMatchObject(reason("PAYMENT_NOT_FOUND"));
    provider.next = { status: "declined" };
    await authorise();
    await expect(capture("O-1")).rejects.toMatchObject(reason("PAYMENT_NOT_AUTHORISED"));
    provider.next = { status: "authorised" };
    const { id } = await authorise({ orderId: "O-2" });
    provider.payments.clear();
    await expect(capture("O-2")).rejects.toMatchObject(reason("PAYMENT_FORGOTTEN"));
    expect((await payments.byId(id))?.forgottenSince).toBeInstanceOf(Date);
  });
});

describe("voiding", () => {
  it("releases the hold once, and refuses a payment that was captured", async () => {
    const { authorise, capture, voided, provider } = openPayments();
    await authorise();
    for (let n = 0; n < 2; n += 1) expect(await voided("O-1")).toMatchObject({ status: "voided" });
    expect(provider.effects).toEqual(["authorise auth:O-1", "void void:O-1"]);
    await authorise({ orderId: "O-2" });
    await capture("O-2");
    await expect(voided("O-2")).rejects.toMatchObject(reason("PAYMENT_CAPTURED"));
  });

  it("that comes first refuses a late authorisation", async () => {
    const { authorise, voided, provider } = openPayments();
    await voided("O-1");
    await expect(authorise()).rejects.toMatchObject(reason("PAYMENT_CLOSED"));
    expect(provider.effects).toEqual([]);
  });

  it("of an unknown authorisation releases what the provider holds, also later", async () => {
    const { clock, authorise, voided, provider, sweep: sweepOnce } = openPayments();
    provider.endings.authorise.push("lost", "away");
    await expect(authorise()).rejects.toThrow();
    expect(await voided("O-1")).toMatchObject({ status: "voided" });
    await expect(authorise({ orderId: "O-2" })).rejects.toThrow();
    await voided("O-2");
    await provider.authorise("auth:O-2", aRequest({ orderId: "O-2" }));
    clock.advance(60_000);
    while (await sweepOnce());
    expect(provider.payments.get("pay_2")).toMatchObject({ status: "voided" });
  });

  it("of a payment that the provider has forgotten needs no provider", async () => {
    const { authorise, voided, provider } = openPayments();
    await authorise();
    provider.payments.clear();
    expect(await voided("O-1")).toMatchObject({ status: "voided" });
  });
});

describe("refunding a payment", () => {
  it("gives back a part per key, and books it for who requested it", async () => {
    const { payment, refund, entries } = await withCaptured();
    const part = { amount: 300n };
    for (let n = 0; n < 2; n += 1) expect(await refund(payment.id, part)).toMatchObject({ refunded: 300n });
    await expect(refund(payment.id, { amount: 1n })).rejects.toMatchObject(reason("IDEMPOTENCY_KEY_REUSED"));
    expect(await refund(payment.id, { key: "k".repeat(200) })).toMatchObject({ status: "refunded", refunded: 1000n });
    expect((await entries(payment.id)).slice(2)).toMatchObject(
      [300n, -300n, 700n, -700n].map((amount) => ({ amount, actor: "staff:s-1" })),
    );
  });

  it("is refused beyond what is left, in another currency and for units that were not sold", async () => {
    const { payment, refund, sold } = await withCaptured();
    await expect(refund(payment.id, { amount: 1001n })).rejects.toMatchObject(reason("REFUND_TOO_HIGH"));
    const foreign = refund(payment.id, { key: "k-2", amount: 1n, currency: "CHF" });
    await expect(foreign).rejects.toMatchObject(reason("REFUND_CURRENCY"));
    sold.push({ sku: "S", sold: 1, returned: 0 });
    const restock = [{ sku: "S", quantity: 2 }];
    await expect(refund(payment.id, { key: "k-3", restock })).rejects.toMatchObject(reason("RESTOCK_TOO_HIGH"));
    await expect(refund("none")).rejects.toMatchObject(reason("PAYMENT_NOT_FOUND"));
    await expect(refund("none", {}, invalid)).rejects.toThrow("The request is invalid.");
  });

  it("continues after a lost response, and stays refused where the provider refused it", async () => {
    const { payment, refund, provider } = await withCaptured();
    provider.endings.refund.push("lost", "refused");
    await expect(refund(payment.id, { amount: 300n })).rejects.toMatchObject(reason("PAYMENT_OUTCOME_UNKNOWN"));
    expect(await refund(payment.id, { amount: 300n })).toMatchObject({ refunded: 300n });
    for (let n = 0; n < 2; n += 1)
      await expect(refund(payment.id, { key: "k-2" })).rejects.toMatchObject(reason("PROVIDER_REFUSED"));
    expect(provider.effects.filter((effect) => effect.startsWith("refund"))).toHaveLength(1);
  });
});

describe("refunding an order", () => {
  it("gives back what is left after other refunds, once", async () => {
    const { payment, refund, refundOrder: all, provider } = await withCaptured();
    provider.endings.refund.push("lost");
    await expect(refund(payment.id, { amount: 300n })).rejects.toThrow();
    for (let n = 0; n < 2; n += 1)
      expect(await all("O-1", "Cancelled", "service:orders")).toMatchObject({ status: "refunded", refunded: 1000n });
    expect(provider.effects.filter((effect) => effect.startsWith("refund"))).toHaveLength(2);
  });

  it("gives back what the provider refused to another refund", async () => {
    const { payment, refund, refundOrder: all, provider } = await withCaptured();
    provider.endings.refund.push("away", "refused");
    await expect(refund(payment.id, { amount: 300n })).rejects.toThrow();
    expect(await all("O-1", "Cancelled", "service:orders")).toMatchObject({ status: "refunded" });
  });

  it("voids what was only held, and closes what was never requested", async () => {
    const { authorise, refundOrder: all } = openPayments();
    await authorise();
    expect(await all("O-1", "Cancelled", "service:orders")).toMatchObject({ status: "voided" });
    expect(await all("O-2", "Cancelled", "service:orders")).toMatchObject({ status: "voided", amount: 0n });
  });
});

describe("a webhook", () => {
  const seen = { id: "pay_1", reference: "O-1", amount: 1000n, currency: "EUR", captured: 0n, refunded: 0n };

  it("changes the payment once, never back", async () => {
    const { authorise, webhook, provider, find } = openPayments();
    provider.next = { status: "requires_action", actionUrl: "https://bank.example/1" };
    await authorise();
    for (const [id, status] of [
      ["evt_1", "authorised"],
      ["evt_2", "requires_action"],
      ["evt_1", "authorised"],
    ] as const)
      await webhook(id, { ...seen, status });
    const reader = { subject: "U-1", scopes: new Set<string>() };
    expect(await find("O-1", reader)).toMatchObject({ status: "authorised", version: 3 });
    const others = [undefined, { ...reader, subject: "U-2" }];
    for (const other of others) await expect(find("O-1", other)).rejects.toMatchObject(reason("PAYMENT_NOT_FOUND"));
    expect(await find("O-1", { subject: "s-1", scopes: new Set(["orders.read.any"]) })).toMatchObject({ version: 3 });
  });

  it("about no payment of the shop, or contradicting it, is kept and reported", async () => {
    const { authorise, webhook, unmatched, tables, provider } = openPayments();
    await webhook("evt_1", { ...seen, status: "authorised" });
    await authorise();
    provider.payments.set("pay_9", { ...seen, id: "pay_9", status: "authorised" });
    await webhook("evt_2", { ...seen, id: "pay_9", status: "authorised" });
    expect(unmatched).toEqual(["the order has no payment", "payment pay_1 here, pay_9 there"]);
    expect(tables.webhooks.rows().size).toBe(2);
    await expect(webhook("evt_3", undefined, "other")).rejects.toMatchObject(reason("PROVIDER_UNKNOWN"));
  });
});

describe("the sweep", () => {
  it("finishes operations without an outcome, and learns decisions whose webhook was lost", async () => {
    const { clock, authorise, provider, payments, sweep: sweepOnce } = openPayments();
    provider.endings.authorise.push("lost");
    await expect(authorise()).rejects.toThrow();
    provider.next = { status: "requires_action", actionUrl: "https://bank.example/1" };
    await authorise({ orderId: "O-2" });
    expect(await sweepOnce()).toBe(false);
    provider.payments.set("pay_2", { ...(await provider.payment("pay_2")), status: "authorised" });
    clock.advance(20_000);
    expect(await sweepOnce()).toBe(true);
    for (const orderId of ["O-1", "O-2"])
      expect(await payments.byOrder(orderId)).toMatchObject({ status: "authorised" });
    clock.advance(600_000);
    expect(await sweepOnce()).toBe(false);
  });

  it("reports what fails, and goes on with the others", async () => {
    const { clock, authorise, provider, payments, failures, sweep: sweepOnce } = openPayments();
    provider.endings.authorise.push("away", "away", "away");
    for (const orderId of ["O-1", "O-2"]) await expect(authorise({ orderId })).rejects.toThrow();
    clock.advance(20_000);
    await sweepOnce();
    expect(failures).toEqual(["PAYMENT_OUTCOME_UNKNOWN"]);
    expect(await payments.byOrder("O-2")).toMatchObject({ status: "authorised" });
  });
});

describe("the list of payments", () => {
  it("goes on after the last payment of a page", async () => {
    const { authorise, list, clock } = openPayments();
    for (const orderId of ["O-1", "O-2", "O-3"]) {
      await authorise({ orderId });
      clock.advance(1_000);
    }
    const filter = { oldestFirst: true };
    const first = await list({ filter, pageSize: 2, pageToken: "" });
    const second = await list({ filter, pageSize: 2, pageToken: first.nextPageToken ?? "" });
    expect([...first.items, ...second.items].map(({ orderId }) => orderId)).toEqual(["O-1", "O-2", "O-3"]);
  });
});
