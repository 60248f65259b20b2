import { migrate, openDatabase } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import {
  PaymentAuthorisedSchema,
  PaymentCapturedSchema,
  PaymentDeclinedSchema,
  PaymentRefundedSchema,
} from "@kontor/shop/contracts/payments/v1/events";
import { rowsOf, startPostgres } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { paymentsApp } from "../src/app.ts";
import { close } from "../src/domain/close.ts";
import { observe } from "../src/domain/observe.ts";
import { authorisation, authorisationKey, captureOf, voidOf } from "../src/domain/operation.ts";
import type { NewPayment, Payment } from "../src/domain/payment.ts";
import type { ProviderPayment } from "../src/domain/provider-payment.ts";
import { createLedgerStore } from "../src/outbound/ledger-store.ts";
import { createOperationStore } from "../src/outbound/operation-store.ts";
import { createPaymentStore } from "../src/outbound/payment-store.ts";
import { createWebhookStore } from "../src/outbound/webhook-store.ts";
import type { Cause, Ledger, Operations, Payments, ProviderEvent, RefundRequest, Webhooks } from "../src/ports.ts";
import { aProviderPayment } from "./builders.ts";
import { memoryOperations } from "./memory-operations.ts";
import { memoryLedger, memoryPayments, memoryWebhooks } from "./memory-payments.ts";
import { createMemoryTables } from "./memory-tables.ts";

interface Stores {
  readonly payments: Payments;
  readonly operations: Operations;
  readonly ledger: Ledger;
  readonly webhooks: Webhooks;
  readonly published: (orderId: string) => Promise<readonly string[]>;
  /** Lets a minute pass for what is to be done later. */
  readonly passMinute: () => Promise<void>;
}

const postgres = await startPostgres();
const { url } = await postgres.createDatabase("payments");
await migrate({ url, folders: migrationsOf(paymentsApp), log: { info: () => undefined } });
const db = openDatabase({ url, service: "test", max: 4 });
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

async function onPostgres(): Promise<Stores> {
  await db.transaction(async (tx) => {
    await tx.query("SET LOCAL session_replication_role = replica"); // The ledger is append-only.
    await tx.query("TRUNCATE payments, operations, webhook_events, ledger_transactions, ledger_entries, outbox");
  });
  const types = "SELECT type FROM outbox WHERE key = $1 ORDER BY seq";
  return {
    payments: createPaymentStore(db),
    operations: createOperationStore(db),
    ledger: createLedgerStore(db),
    webhooks: createWebhookStore(db),
    published: async (orderId) => (await rowsOf<{ type: string }>(db, types, [orderId])).map(({ type }) => type),
    async passMinute() {
      await db.query("UPDATE payments SET check_at = check_at - interval '1 minute'");
      await db.query(`UPDATE operations
        SET next_attempt_at = next_attempt_at - interval '1 minute', created_at = created_at - interval '1 minute'`);
    },
  };
}

async function inMemory(): Promise<Stores> {
  let passedMs = 0;
  const tables = createMemoryTables(createMemoryDatabase(), () => new Date(Date.now() + passedMs));
  return {
    payments: memoryPayments(tables),
    operations: memoryOperations(tables),
    ledger: memoryLedger(tables),
    webhooks: memoryWebhooks(tables),
    published: async (orderId) => tables.published(orderId),
    passMinute: async () => {
      passedMs += 60_000;
    },
  };
}

const at = new Date("2026-11-21T10:00:00.000Z");
const reason = (name: string) => ({ reason: name });
const aRequest = (overrides: Partial<NewPayment> = {}): NewPayment => {
  return { orderId: "O-1", userId: "U-1", method: "card", amount: 1000n, currency: "EUR", ...overrides };
};
const aWebhook = (id: string, payment = aProviderPayment()): ProviderEvent => {
  return { provider: "psp", id, type: "payment.changed", payment };
};
const aRefund = (key: string, overrides: Partial<RefundRequest> = {}): RefundRequest => {
  return { key, amount: 0n, reason: "Scratch", actor: "staff:s-1", restock: [], ...overrides };
};
const claim = { settle: async () => undefined };

describe.each([
  ["on PostgreSQL", onPostgres],
  ["in memory", inMemory],
])("the stores of payments %s", (_, open) => {
  let stores: Stores;
  beforeEach(async () => {
    stores = await open();
  });

  async function opened(overrides: Partial<NewPayment> = {}): Promise<Payment> {
    const payment = await stores.payments.open(aRequest(overrides), at);
    if (payment === undefined) throw new Error("The order has a payment.");
    return payment;
  }
  const see = (payment: Payment, seen: Partial<ProviderPayment>, cause?: Cause) =>
    stores.payments.update(payment, (current) => observe(current, aProviderPayment(seen), at), cause);
  const authorised = async () => see(await opened(), {});
  const captured = async () => see(await authorised(), { status: "captured", captured: 1000n });
  const openKeys = async ({ id }: Payment) => (await stores.operations.ofPayment(id)).map(({ key }) => key);

  describe("payments", () => {
    it("are opened once per order, with the operation that authorises them", async () => {
      const payment = await opened();
      const totals = { version: 1, captured: 0n, refunded: 0n, createdAt: at, updatedAt: at };
      expect(payment).toEqual({ ...aRequest(), ...totals, id: expect.any(String), status: "pending" });
      expect(await stores.payments.open(aRequest({ amount: 1n }), at)).toBeUndefined();
      expect(await stores.payments.byOrder("O-1")).toEqual(payment);
      expect(await stores.payments.byId(payment.id)).toEqual(payment);
      expect(await stores.payments.byOrder("O-none")).toBeUndefined();
      const operation = { key: authorisationKey("O-1"), paymentId: payment.id, kind: "authorise", amount: 1000n };
      expect(await stores.operations.ofPayment(payment.id)).toEqual([{ ...operation, attempts: 0 }]);
    });

    it("are closed where there was none", async () => {
      const closed = await stores.payments.closeUnopened("O-1", at);
      expect(closed).toMatchObject({ orderId: "O-1", status: "voided", amount: 0n, currency: "", userId: "" });
      expect(await stores.payments.open(aRequest(), at)).toBeUndefined();
      expect(await stores.payments.closeUnopened("O-1", new Date())).toEqual(closed);
    });

    it("change with their events and bookings, and settle what the provider has done", async () => {
      const payment = await opened();
      const after = await see(payment, { status: "captured", captured: 1000n });
      expect(after).toMatchObject({ version: 2, status: "captured", captured: 1000n, providerReference: "pay_1" });
      expect(await stores.payments.byId(payment.id)).toEqual(after);
      expect(await openKeys(payment)).toEqual([]);
      expect(await stores.published("O-1")).toEqual([PaymentAuthorisedSchema, PaymentCapturedSchema].map(typeOf));
      const entry = { kind: "capture", currency: "EUR", actor: "service:orders", reason: "", at: expect.any(Date) };
      const transaction = { ...entry, transactionId: expect.any(String) };
      expect(await stores.ledger.ofPayment(payment.id)).toEqual([
        { ...transaction, account: "provider-receivable", amount: 1000n },
        { ...transaction, account: "customer-orders", amount: -1000n },
      ]);
    });

    it("are decided about again when they have changed since they were read", async () => {
      const payment = await opened();
      await see(payment, { status: "declined", declineCode: "card_expired" });
      const versions: number[] = [];
      const after = await stores.payments.update(payment, (current) => {
        versions.push(current.version);
        return close(current, at);
      });
      expect(versions).toEqual([1, 2]);
      expect(after).toMatchObject({ version: 2, status: "declined", declineCode: "card_expired" });
      expect(await stores.published("O-1")).toEqual([typeOf(PaymentDeclinedSchema)]);
    });

    it("settle the operation that changed nothing, too", async () => {
      const payment = await authorised();
      const capture = captureOf(payment);
      expect(await stores.operations.begin(capture, payment)).toBe(true);
      expect(await see(payment, {}, { operation: capture.key })).toEqual(payment);
      expect(await openKeys(payment)).toEqual([]);
    });

    it("change once per webhook", async () => {
      const payment = await opened();
      const webhook = aWebhook("evt_1");
      const after = await see(payment, {}, { webhook });
      expect(after).toMatchObject({ status: "authorised", version: 2 });
      const captured = { status: "captured", captured: 1000n } as const;
      expect(await see(after, captured, { webhook })).toEqual(after);
      expect(await see(after, {}, { webhook: aWebhook("evt_2") })).toEqual(after);
      expect(await see(after, captured, { webhook: aWebhook("evt_2") })).toEqual(after);
      expect(await stores.payments.byId(payment.id)).toEqual(after);
    });

    it("whose hold came after they were closed have it released at once", async () => {
      const payment = await opened();
      await stores.payments.update(payment, (current) => close(current, at));
      await see(payment, {});
      expect(await openKeys(payment)).toEqual([voidOf(payment).key]);
      expect(await stores.operations.claimDue(10)).toMatchObject([{ kind: "void", paymentId: payment.id }]);
    });

    it("remember that the provider has forgotten them", async () => {
      const { id } = await authorised();
      await stores.payments.setForgotten(id, true);
      const { forgottenSince } = (await stores.payments.byId(id)) ?? {};
      expect(forgottenSince).toBeInstanceOf(Date);
      await stores.payments.setForgotten(id, true);
      expect(await stores.payments.byId(id)).toMatchObject({ forgottenSince });
      await stores.payments.setForgotten(id, false);
      expect((await stores.payments.byId(id))?.forgottenSince).toBeUndefined();
    });

    it("without a decision are handed out once in a while", async () => {
      const payment = await see(await opened(), { status: "requires_action", actionUrl: "https://bank.example/1" });
      await see(await opened({ orderId: "O-2" }), { reference: "O-2" });
      expect(await stores.payments.claimUndecided(10)).toEqual([]);
      await stores.passMinute();
      expect(await stores.payments.claimUndecided(10)).toEqual([payment]);
      expect(await stores.payments.claimUndecided(10)).toEqual([]);
    });

    it("are listed by what staff filter, page by page, without those that were never opened", async () => {
      const times = [1, 2, 3].map((seconds) => new Date(at.getTime() + seconds * 1_000));
      for (const [index, time] of times.entries())
        await stores.payments.open(aRequest({ orderId: `O-${index}`, userId: `U-${index % 2}` }), time);
      await stores.payments.closeUnopened("O-closed", at);
      const list = async (filter: Omit<Parameters<Payments["list"]>[0], "oldestFirst"> = {}, oldestFirst = true) =>
        (await stores.payments.list({ ...filter, oldestFirst }, { limit: 10 })).map(({ orderId }) => orderId);
      expect(await list()).toEqual(["O-0", "O-1", "O-2"]);
      expect(await list({}, false)).toEqual(["O-2", "O-1", "O-0"]);
      expect(await list({ userId: "U-0", status: "pending", currency: "EUR" })).toEqual(["O-0", "O-2"]);
      expect(await list({ orderId: "O-1", currency: "CHF" })).toEqual([]);
      expect(await list({ createdFrom: times[1], createdUntil: times[2] })).toEqual(["O-1"]);
      const [first] = await stores.payments.list({ oldestFirst: false }, { limit: 1 });
      const rest = await stores.payments.list({ oldestFirst: false }, { limit: 2, after: first?.id ?? "" });
      expect(rest.map(({ orderId }) => orderId)).toEqual(["O-1", "O-0"]);
    });
  });

  describe("operations", () => {
    it("exclude each other, and begin on the version that was read", async () => {
      const payment = await opened();
      expect(await stores.operations.begin(authorisation(payment), payment)).toBe(false);
      expect(await stores.operations.begin(captureOf(payment), payment)).toBe(false);
      const after = await see(payment, {});
      expect(await stores.operations.begin(captureOf(after), payment)).toBe(false);
      expect(await stores.operations.begin(captureOf(after), after)).toBe(true);
      expect(await stores.operations.begin(voidOf(after), after)).toBe(false);
    });

    it("that were refused did nothing, and may begin again", async () => {
      const payment = await authorised();
      const capture = captureOf(payment);
      await stores.operations.begin(capture, payment);
      await stores.operations.refuse(capture.key, "expired");
      await stores.operations.refuse(capture.key, "other");
      expect(await stores.operations.refusalOf(capture.key)).toBe("expired");
      expect(await openKeys(payment)).toEqual([]);
      expect(await stores.operations.begin(capture, payment)).toBe(true);
      expect(await stores.operations.refusalOf(capture.key)).toBeUndefined();
      expect(await stores.operations.refusalOf("none")).toBeUndefined();
    });

    it("without an outcome are due later, each for one caller", async () => {
      const payment = await opened();
      expect(await stores.operations.claimDue(10)).toEqual([]);
      expect(await stores.operations.oldestOpen()).toBeLessThan(30);
      await stores.operations.postpone(authorisationKey("O-1"));
      await stores.passMinute();
      expect(await stores.operations.oldestOpen()).toBeGreaterThanOrEqual(60);
      expect(await stores.operations.claimDue(10)).toMatchObject([{ paymentId: payment.id, attempts: 1 }]);
      expect(await stores.operations.claimDue(10)).toEqual([]);
      await see(payment, {});
      await stores.passMinute();
      expect(await stores.operations.claimDue(10)).toEqual([]);
      expect(await stores.operations.oldestOpen()).toBe(0);
    });
  });

  describe("refunds", () => {
    const begin = (payment: Payment, request: RefundRequest, sold: readonly { sku: string; sold: number }[] = []) =>
      stores.operations.beginRefund(payment, request, {
        claim,
        sold: sold.map((item) => ({ ...item, returned: 0 })),
      });

    it("promise no more than was captured, side by side", async () => {
      const payment = await captured();
      const part = { key: "r-1", paymentId: payment.id, kind: "refund", amount: 300n, reason: "Scratch" };
      expect(await begin(payment, aRefund("r-1", { amount: 300n }))).toEqual(part);
      expect(await begin(payment, aRefund("r-2"))).toMatchObject({ amount: 700n });
      await expect(begin(payment, aRefund("r-3", { amount: 1n }))).rejects.toMatchObject(reason("REFUND_TOO_HIGH"));
      await stores.operations.refuse("r-1", "no");
      expect(await begin(payment, aRefund("r-3", { amount: 300n }))).toMatchObject({ key: "r-3" });
      const none = { ...payment, id: "01935000-0000-7000-8000-000000000000" };
      await expect(begin(none, aRefund("r-4"))).rejects.toMatchObject(reason("PAYMENT_NOT_FOUND"));
    });

    it("are repeated under their key, unless it is another refund", async () => {
      const payment = await captured();
      const refund = aRefund("r-1", { amount: 300n });
      await begin(payment, refund);
      expect(await begin(payment, refund)).toBe("repeated");
      expect(await begin(payment, { ...refund, amount: 0n })).toBe("repeated");
      for (const other of [{ amount: 1n }, { reason: "Other" }])
        await expect(begin(payment, { ...refund, ...other })).rejects.toMatchObject(reason("IDEMPOTENCY_KEY_REUSED"));
      expect(await stores.operations.beginRefund(payment, { ...refund, reason: "Other" })).toBe("repeated");
    });

    it("put back no more units than were sold", async () => {
      const payment = await captured();
      const restocked = (key: string, quantity: number) =>
        begin(payment, aRefund(key, { amount: 1n, restock: [{ sku: "S", quantity }] }), [{ sku: "S", sold: 3 }]);
      await restocked("r-1", 2);
      await expect(restocked("r-2", 2)).rejects.toMatchObject({ reason: "RESTOCK_TOO_HIGH", metadata: { left: "1" } });
      expect(await restocked("r-2", 1)).toMatchObject({ key: "r-2" });
    });

    it("are booked and announced for who requested them, the rest for the provider", async () => {
      const payment = await captured();
      await begin(payment, aRefund("r-1", { amount: 300n }));
      const seen = { status: "captured", captured: 1000n } as const;
      const after = await see(payment, { ...seen, refunded: 300n }, { operation: "r-1" });
      expect(await openKeys(payment)).toEqual([]);
      const done = await see(after, { ...seen, refunded: 1000n }, { webhook: aWebhook("evt_1") });
      expect(done).toMatchObject({ status: "refunded", refunded: 1000n });
      const refunds = (await stores.ledger.ofPayment(payment.id)).filter(({ kind }) => kind === "refund");
      expect(refunds.map(({ account, amount, actor, reason: why }) => [account, amount, actor, why])).toEqual([
        ["customer-orders", 300n, "staff:s-1", "Scratch"],
        ["provider-receivable", -300n, "staff:s-1", "Scratch"],
        ["customer-orders", 700n, "provider", ""],
        ["provider-receivable", -700n, "provider", ""],
      ]);
      expect((await stores.published("O-1")).slice(2)).toEqual(Array(2).fill(typeOf(PaymentRefundedSchema)));
    });
  });

  describe("webhooks", () => {
    it("about no payment of the shop are kept once, and count as received", async () => {
      const payment = await opened();
      for (let n = 0; n < 2; n += 1) await stores.webhooks.keepUnmatched(aWebhook("evt_1"));
      expect(await see(payment, {}, { webhook: aWebhook("evt_1") })).toEqual(payment);
      expect(await see(payment, {}, { webhook: { ...aWebhook("evt_1"), provider: "other" } })).toMatchObject({
        status: "authorised",
      });
    });
  });
});

function typeOf({ typeName }: { readonly typeName: string }): string {
  return typeName;
}
