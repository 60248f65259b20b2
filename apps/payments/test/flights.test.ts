import { randomUUID } from "node:crypto";
import { type Database, migrate, openDatabase, postgresErrors } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { type LossyProxy, rowsOf, startLossyProxy, startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paymentsApp } from "../src/app.ts";
import { observe } from "../src/domain/observe.ts";
import { authorisationKey, captureOf } from "../src/domain/operation.ts";
import type { NewPayment, Payment, PaymentStatus } from "../src/domain/payment.ts";
import { createOperationStore } from "../src/outbound/operation-store.ts";
import { createPaymentStore } from "../src/outbound/payment-store.ts";
import type { Cause, Payments } from "../src/ports.ts";

const postgres = await startPostgres();
const { url } = await postgres.createDatabase("payments", { owner: true });
const db = openDatabase({ url, service: "test", max: 8 });
const payments = createPaymentStore(db);
const operations = createOperationStore(db);
const at = new Date("2026-11-30T10:00:00Z");
beforeAll(() => migrate({ url, folders: migrationsOf(paymentsApp), log: { info: () => undefined } }));
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

const aPayment = (overrides: Partial<NewPayment> = {}): NewPayment => ({
  ...{ orderId: randomUUID(), userId: "u-1", method: "card", amount: 1200n, currency: "EUR" },
  ...overrides,
});

async function opened(count: number): Promise<Payment[]> {
  const all = await Promise.all(Array.from({ length: count }, () => payments.open(aPayment(), at)));
  return all.map((payment) => payment ?? expect.fail("The payment was not opened."));
}

/** Stores that the provider reports a status. */
function reports(payment: Payment, status: PaymentStatus, cause?: Cause, to: Payments = payments): Promise<Payment> {
  const seen = { ...payment, id: `pay_${payment.orderId}`, reference: payment.orderId, status };
  const captured = status === "captured" ? payment.amount : 0n;
  return to.update(payment, (current) => observe(current, { ...seen, captured, refunded: 0n }, at), cause);
}

const authorised = async (count: number) =>
  Promise.all((await opened(count)).map((payment) => reports(payment, "authorised")));

async function transactions(all: readonly Payment[]): Promise<number> {
  const text = "SELECT count(DISTINCT xmin::text)::int AS n FROM payments WHERE id = ANY ($1)";
  const [row] = await rowsOf<{ n: number }>(db, text, [all.map(({ id }) => id)]);
  return row?.n ?? 0;
}

async function published({ orderId }: Payment): Promise<string[]> {
  const rows = await rowsOf<{ type: string }>(db, "SELECT type FROM outbox WHERE key = $1 ORDER BY seq", [orderId]);
  return rows.map(({ type }) => type.replace(/.*Payment/, ""));
}

async function booked({ id }: Payment): Promise<string[]> {
  const text = `SELECT account || ' ' || amount AS entry FROM ledger_entries JOIN ledger_transactions ON id = transaction_id
    WHERE payment_id = $1 ORDER BY account`;
  return (await rowsOf<{ entry: string }>(db, text, [id])).map(({ entry }) => entry);
}

const BOOKED_ONCE = ["customer-orders -1200", "provider-receivable 1200"];

const failedOf = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.flatMap((outcome, n) => (outcome.status === "rejected" ? [[n, outcome.reason.reason]] : []));

describe("payments that are opened at once", () => {
  it("share a transaction, each with its operation", async () => {
    const all = await opened(64);
    expect(await transactions(all)).toBeLessThanOrEqual(2);
    const started = await Promise.all(all.map(({ id }) => operations.ofPayment(id)));
    expect(started.map((open) => open.map(({ key }) => key))).toEqual(
      all.map(({ orderId }) => [authorisationKey(orderId)]),
    );
  });

  it("are one for an order, and one caller requests the authorisation", async () => {
    const payment = aPayment();
    const answers = await Promise.all([1n, 2n, 3n].map((amount) => payments.open({ ...payment, amount }, at)));
    expect(answers.map((opened) => opened?.amount)).toEqual([1n, undefined, undefined]);
  });

  it.each([
    ["a text that cannot be stored", { userId: "a\0b" }, postgresErrors.TEXT_NOT_STORABLE.reason],
    ["an amount that a constraint refuses", { amount: -1n }, undefined],
    ["an amount over the range of the column", { amount: 2n ** 64n }, undefined],
  ])("fail alone with %s", async (_, wrong, reason) => {
    const wanted = Array.from({ length: 64 }, (_, n) => aPayment(n === 33 ? wrong : {}));
    const outcomes = await Promise.allSettled(wanted.map((payment) => payments.open(payment, at)));
    expect(failedOf(outcomes)).toEqual([[33, reason]]);
  });
});

describe("captures that are begun and booked at the same time", () => {
  it("share transactions, and publish and book each once", async () => {
    const all = await authorised(64);
    const begun = await Promise.all(all.map((payment) => operations.begin(captureOf(payment), payment)));
    expect(begun.every((one) => one)).toBe(true);
    const after = await Promise.all(
      all.map((payment) => reports(payment, "captured", { operation: captureOf(payment).key })),
    );
    expect(await transactions(after)).toBeLessThanOrEqual(2);
    for (const payment of after) {
      expect(await published(payment)).toEqual(["Authorised", "Captured"]);
      expect(await booked(payment)).toEqual(BOOKED_ONCE);
      expect(await operations.ofPayment(payment.id)).toEqual([]);
    }
  });

  it("begin once for a payment", async () => {
    const [payment] = await authorised(1);
    if (payment === undefined) throw new Error("There is no payment.");
    const begun = await Promise.all([1, 2, 3].map(() => operations.begin(captureOf(payment), payment)));
    expect(begun).toEqual([true, false, false]);
    expect(await operations.begin({ ...captureOf(payment), key: "other", kind: "void" }, payment)).toBe(false);
  });

  it("are booked once when response and repeated webhooks report the same", async () => {
    const [payment] = await authorised(1);
    if (payment === undefined) throw new Error("There is no payment.");
    const event = { provider: "psp", id: randomUUID(), type: "payment.captured", payment: expect.anything() };
    const webhook: Cause = { webhook: event };
    const causes: readonly Cause[] = [{ operation: captureOf(payment).key }, webhook, webhook, webhook];
    const after = await Promise.all(causes.map((cause) => reports(payment, "captured", cause)));
    expect(after.map(({ status }) => status)).toEqual(["captured", "captured", "captured", "captured"]);
    expect(await published(payment)).toEqual(["Authorised", "Captured"]);
    expect(await booked(payment)).toEqual(BOOKED_ONCE);
    expect(await rowsOf(db, "SELECT id FROM webhook_events WHERE payment_id = $1", [payment.id])).toHaveLength(1);
  });

  it("do not wait for a payment that another session has locked", async () => {
    const [locked, ...others] = await authorised(8);
    if (locked === undefined) throw new Error("There is no payment.");
    const held = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const holding = db.transaction(async (tx) => {
      await tx.query("SELECT FROM payments WHERE id = $1 FOR UPDATE", [locked.id]);
      held.resolve();
      await release.promise;
    });
    await held.promise;
    const waiting = reports(locked, "captured");
    await Promise.all(others.map((payment) => reports(payment, "captured")));
    expect(await payments.byId(locked.id)).toMatchObject({ status: "authorised" });
    release.resolve();
    await holding;
    expect(await waiting).toMatchObject({ status: "captured" });
  });

  it("never deadlock with those of another process", async () => {
    const all = await authorised(64);
    const other = createPaymentStore(db);
    await Promise.all([
      ...all.map((payment) => reports(payment, "captured")),
      ...all.toReversed().map((payment) => reports(payment, "captured", undefined, other)),
    ]);
    for (const payment of all) expect(await booked(payment)).toEqual(BOOKED_ONCE);
  });
});

describe("a lost response to a flight of captures", () => {
  let proxy: LossyProxy;
  let behindProxy: Database;
  beforeAll(async () => {
    const target = new URL(url);
    proxy = await startLossyProxy(Number(target.port));
    target.port = String(proxy.port);
    behindProxy = openDatabase({ url: target.href, service: "test", max: 2 });
  });
  afterAll(async () => {
    await behindProxy.close();
    await proxy.stop();
  });

  it("fails its calls as unavailable, and a repeated report books nothing twice", async () => {
    const all = await authorised(16);
    const remote = createPaymentStore(behindProxy);
    await remote.byId(all[0]?.id ?? "");
    const captureAll = () => all.map((payment) => reports(payment, "captured", undefined, remote));
    proxy.loseResponses();
    const outcomes = await Promise.allSettled(captureAll());
    expect(new Set(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code))).toEqual(
      new Set(["UNAVAILABLE"]),
    );
    proxy.passResponses();
    await Promise.all(captureAll());
    for (const payment of all) {
      expect(await published(payment)).toEqual(["Authorised", "Captured"]);
      expect(await booked(payment)).toEqual(BOOKED_ONCE);
    }
  });
});
