import { randomUUID } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { isKontorError } from "@kontor/errors";
import { requestHash } from "@kontor/idempotency";
import { prune } from "@kontor/postgres";
import { PaymentRefundedSchema } from "@kontor/shop/contracts/payments/v1/events";
import { PaymentStatus } from "@kontor/shop/contracts/payments/v1/payment";
import { createLogger } from "@kontor/telemetry";
import { eventually, rowsOf } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paymentRetention } from "../src/outbound/retention.ts";
import { anOrder, type Shop, startShop } from "./shop.ts";

describe("payments", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop();
  });
  afterAll(() => shop.stop());

  const authorise = async (order: ReturnType<typeof anOrder>) => (await shop.payments.authorisePayment(order)).payment;

  /** Calls like the checkout: repeatedly while the outcome is not known. */
  const authoriseAtLast = (order: ReturnType<typeof anOrder>) => eventually(() => authorise(order));

  const eur = (minor: bigint) => ({ currency: "EUR", minor });
  const orderWith = async (step: "authorised" | "captured", minor = 1200n) => {
    const order = anOrder({ minor });
    const payment = await authorise(order);
    if (step === "captured") await shop.payments.capturePayment({ orderId: order.orderId });
    return { orderId: order.orderId, paymentId: payment?.id ?? "" };
  };

  const reasonOf = (call: Promise<unknown>) =>
    call.then(
      () => "none",
      (error: unknown) => (isKontorError(error) ? error.reason : error),
    );

  const ledgerOf = (orderId: string) =>
    shop.db.query(
      `SELECT kind, account, entry.amount, entry.currency FROM ledger_entries entry
       JOIN ledger_transactions transaction ON transaction.id = transaction_id
       JOIN payments ON payments.id = payment_id WHERE order_id = $1 ORDER BY at, account`,
      [orderId],
    );

  describe("authorising", () => {
    it("holds the amount and publishes it once, for any number of calls", async () => {
      const order = anOrder();
      const first = await authorise(order);
      expect(first).toMatchObject({ status: PaymentStatus.AUTHORISED, userId: "U-1", captured: eur(0n) });
      expect(await authorise(order)).toEqual(first);
      expect(await shop.psp.history(order.orderId)).toEqual(["payment.authorised"]);
      expect(await shop.events(order.orderId)).toEqual(["Authorised"]);
    });

    it("makes one payment at the provider of many calls at once", async () => {
      const order = anOrder();
      const answers = await Promise.all(Array.from({ length: 12 }, () => authorise(order)));
      expect(new Set(answers.map((answer) => answer?.providerReference)).size).toBe(1);
      expect(await shop.psp.history(order.orderId)).toEqual(["payment.authorised"]);
      expect(await shop.events(order.orderId)).toEqual(["Authorised"]);
    });

    it.each([
      ["tok_declined", "card_declined"],
      ["tok_insufficient_funds", "insufficient_funds"],
      ["tok_nonsense", "unknown_payment_method"],
    ])("returns the decline of %s", async (paymentMethod, declineCode) => {
      const order = anOrder({ paymentMethod });
      expect(await authorise(order)).toMatchObject({ status: PaymentStatus.DECLINED, declineCode });
      expect(await authorise(order)).toMatchObject({ status: PaymentStatus.DECLINED, declineCode });
      expect(await shop.events(order.orderId)).toEqual(["Declined"]);
    });

    it.each(["tok_timeout_after_success", "tok_error", "tok_slow"])(
      "finds the outcome of a payment without a definite response: %s",
      async (paymentMethod) => {
        const order = anOrder({ paymentMethod });
        expect(await authoriseAtLast(order)).toMatchObject({ status: PaymentStatus.AUTHORISED });
        const { length } = (await shop.psp.history(order.orderId)).filter((type) => type === "payment.authorised");
        expect(length).toBe(1);
        expect(await shop.events(order.orderId)).toEqual(["Authorised"]);
      },
    );

    it("queries the outcome also without another request", async () => {
      await shop.psp.control({ failNext: 3 });
      const order = anOrder();
      const once = { idempotent: false };
      expect(await reasonOf(shop.payments.authorisePayment(order, once))).toBe("PAYMENT_OUTCOME_UNKNOWN");
      await eventually(async () => expect(await shop.events(order.orderId)).toEqual(["Authorised"]));
      await shop.psp.control({ failNext: 0 });
    });

    it("is refused for another amount", async () => {
      const order = anOrder();
      await authorise(order);
      expect(await reasonOf(authorise({ ...order, amount: { currency: "EUR", minor: 1n } }))).toBe("PAYMENT_DIFFERS");
    });

    it("names every field that is wrong", async () => {
      const wrong = { orderId: "", userId: "", paymentMethod: "", amount: { currency: "euro", minor: -1n } };
      const error = await shop.payments.authorisePayment(wrong).catch((thrown: unknown) => thrown);
      const fields = isKontorError(error, "INVALID_REQUEST") ? error.violations.map(({ field }) => field) : error;
      expect(fields).toEqual(["orderId", "userId", "amount.currency", "amount.minor"]);
    });

    it("refuses a card number and a method that the shop does not take, and stores nothing", async () => {
      for (const paymentMethod of ["4111 1111 1111 1111", "tok_4111111111111111", "bitcoin"]) {
        const order = anOrder({ paymentMethod });
        expect(await reasonOf(authorise(order))).toBe("INVALID_REQUEST");
        expect(await shop.db.query("SELECT 1 FROM payments WHERE order_id = $1", [order.orderId])).toEqual([]);
      }
    });
  });

  describe("repeating a request that an earlier version or another setting accepted", () => {
    it("returns the payment of the order", async () => {
      const order = anOrder();
      const payment = await authorise(order);
      await shop.db.query("UPDATE payments SET method = 'cheque' WHERE id = $1", [payment?.id]);
      const repeated = await authorise({ ...order, paymentMethod: "cheque" });
      expect(repeated).toMatchObject({ id: payment?.id, status: PaymentStatus.AUTHORISED });
    });

    it("returns the stored outcome of a refund's key, and 422 to another request with it", async () => {
      const { paymentId } = await orderWith("captured");
      const reason = "x".repeat(201);
      const hash = requestHash({ amount: 5n, reason });
      const claim =
        "INSERT INTO idempotency_claims (scope, key, request_hash, result) VALUES ($1, 'earlier', $2, 'earlier')";
      await shop.db.query(claim, [paymentId, hash]);
      const metadata = { authorization: `Bearer ${shop.issuer.tokenOf("S-1", ["payments.write"])}` };
      const repeat = (amount: { currency: string; minor: bigint }, key = "earlier") =>
        shop.payments.refundPayment({ paymentId, amount, reason, idempotencyKey: key }, { metadata });
      expect((await repeat(eur(5n))).payment).toMatchObject({ id: paymentId, refunded: eur(0n) });
      expect(await reasonOf(repeat(eur(6n)))).toBe("IDEMPOTENCY_KEY_REUSED");
      expect(await reasonOf(repeat({ currency: "USD", minor: 5n }))).toBe("IDEMPOTENCY_KEY_REUSED");
      expect(await reasonOf(repeat(eur(5n), "new"))).toBe("INVALID_REQUEST");
      expect(await reasonOf(repeat(eur(5n), "a\0"))).toBe("INVALID_REQUEST");
    });
  });

  describe("a payment that needs a confirmation", () => {
    it.each([
      ["succeed", PaymentStatus.AUTHORISED, "Authorised"],
      ["fail", PaymentStatus.DECLINED, "Declined"],
    ] as const)("waits for the shopper, who may %s", async (outcome, status, event) => {
      const order = anOrder({ paymentMethod: "tok_3ds" });
      const waiting = await authorise(order);
      expect(waiting).toMatchObject({ status: PaymentStatus.REQUIRES_ACTION });
      expect(waiting?.actionUrl).toMatch(/^http/);
      await shop.psp.completeChallenge(waiting?.providerReference ?? "", outcome);
      await eventually(async () =>
        expect({ actionUrl: undefined, ...(await authorise(order)) }).toMatchObject({ status, actionUrl: undefined }),
      );
      expect(await shop.events(order.orderId)).toEqual(["ActionRequired", event]);
    });

    it("is decided also if the webhook never comes", async () => {
      const order = anOrder({ paymentMethod: "tok_3ds" });
      const waiting = await authorise(order);
      shop.hearWebhooks(false);
      await shop.psp.completeChallenge(waiting?.providerReference ?? "", "succeed");
      await shop.db.query("UPDATE payments SET check_at = now() WHERE order_id = $1", [order.orderId]);
      await eventually(async () => expect(await shop.events(order.orderId)).toEqual(["ActionRequired", "Authorised"]));
      shop.hearWebhooks(true);
    });

    it.each(["tok_3ds", "tok_slow"])("can be voided while it waits: %s", async (paymentMethod) => {
      const order = anOrder({ paymentMethod });
      await reasonOf(shop.payments.authorisePayment(order, { idempotent: false }));
      const { payment } = await shop.payments.voidPayment({ orderId: order.orderId });
      expect(payment).toMatchObject({ status: PaymentStatus.VOIDED });
      expect(await shop.psp.history(order.orderId)).toEqual(["payment.created", "payment.voided"]);
    });
  });

  describe("capturing", () => {
    it("takes everything once and books it", async () => {
      const { orderId } = await orderWith("authorised");
      const [first, second] = await Promise.all([1, 2].map(() => shop.payments.capturePayment({ orderId })));
      expect(first?.payment).toMatchObject({ status: PaymentStatus.CAPTURED, captured: eur(1200n) });
      expect(second).toEqual(first);
      expect(await shop.events(orderId)).toEqual(["Authorised", "Captured"]);
      expect(await shop.psp.history(orderId)).toEqual(["payment.authorised", "payment.captured"]);
      expect(await ledgerOf(orderId)).toEqual([
        { kind: "capture", account: "customer-orders", amount: -1200n, currency: "EUR" },
        { kind: "capture", account: "provider-receivable", amount: 1200n, currency: "EUR" },
      ]);
    });

    it("goes on after the provider stumbled", async () => {
      const order = anOrder({ paymentMethod: "tok_capture_fails_once" });
      await authorise(order);
      const { payment } = await eventually(() => shop.payments.capturePayment({ orderId: order.orderId }));
      expect(payment).toMatchObject({ status: PaymentStatus.CAPTURED });
      expect(await shop.events(order.orderId)).toEqual(["Authorised", "Captured"]);
    });

    it("is refused without a hold", async () => {
      const { orderId } = anOrder();
      expect(await reasonOf(shop.payments.capturePayment({ orderId }))).toBe("PAYMENT_NOT_FOUND");
      const declined = anOrder({ paymentMethod: "tok_declined" });
      await authorise(declined);
      expect(await reasonOf(shop.payments.capturePayment(declined))).toBe("PAYMENT_NOT_AUTHORISED");
    });
  });

  describe("voiding", () => {
    it("releases the hold once", async () => {
      const { orderId } = await orderWith("authorised");
      const [first, second] = await Promise.all([1, 2].map(() => shop.payments.voidPayment({ orderId })));
      expect(first?.payment).toMatchObject({ status: PaymentStatus.VOIDED });
      expect(second).toEqual(first);
      expect(await shop.events(orderId)).toEqual(["Authorised", "Voided"]);
      expect(await shop.psp.history(orderId)).toEqual(["payment.authorised", "payment.voided"]);
    });

    it("leaves a mark that refuses a later authorisation", async () => {
      const order = anOrder();
      const { payment } = await shop.payments.voidPayment({ orderId: order.orderId });
      expect(payment).toMatchObject({ status: PaymentStatus.VOIDED });
      const { providerReference, userId, amount, captured, refunded } = payment ?? {};
      expect([providerReference, userId, amount, captured, refunded]).toEqual(Array(5).fill(undefined));
      expect(await reasonOf(authorise(order))).toBe("PAYMENT_CLOSED");
      expect(await shop.psp.history(order.orderId)).toEqual([]);
      expect(await shop.events(order.orderId)).toEqual([]);
    });

    it("releases a hold whose response was lost", async () => {
      const order = anOrder({ paymentMethod: "tok_timeout_after_success" });
      const [{ payment }] = await Promise.all([
        eventually(async () => {
          expect(await shop.psp.history(order.orderId)).toContain("payment.authorised");
          return shop.payments.voidPayment({ orderId: order.orderId });
        }),
        reasonOf(authorise(order)),
      ]);
      expect(payment).toMatchObject({ status: PaymentStatus.VOIDED });
      expect(await shop.psp.history(order.orderId)).toEqual(["payment.authorised", "payment.voided"]);
      expect(await reasonOf(authorise(order))).toBe("PAYMENT_CLOSED");
    });

    it("releases a hold that appears after it", async () => {
      const order = anOrder();
      await shop.psp.control({ latencyMs: 400 });
      const late = reasonOf(authorise(order));
      await eventually(async () => {
        const rows = await shop.db.query("SELECT 1 FROM payments WHERE order_id = $1", [order.orderId]);
        expect(rows).toHaveLength(1);
      });
      const { payment } = await shop.payments.voidPayment({ orderId: order.orderId });
      expect(payment).toMatchObject({ status: PaymentStatus.VOIDED });
      await shop.psp.control({ latencyMs: 0 });
      expect(await late).toBe("PAYMENT_CLOSED");
      await eventually(async () =>
        expect(await shop.psp.history(order.orderId)).toEqual(["payment.authorised", "payment.voided"]),
      );
      expect(await shop.events(order.orderId)).toEqual([]);
    });

    it("is refused once money was taken", async () => {
      const { orderId } = await orderWith("captured");
      expect(await reasonOf(shop.payments.voidPayment({ orderId }))).toBe("PAYMENT_CAPTURED");
    });

    it("and capturing at once end in exactly one of the two", async () => {
      const { orderId } = await orderWith("authorised");
      await Promise.all([
        reasonOf(shop.payments.voidPayment({ orderId })),
        reasonOf(shop.payments.capturePayment({ orderId })),
      ]);
      const history = await shop.psp.history(orderId);
      expect(history).toHaveLength(2);
      await eventually(async () => {
        const [row] = await shop.db.query("SELECT status FROM payments WHERE order_id = $1", [orderId]);
        expect(`payment.${row?.status}`).toBe(history[1]);
      });
    });
  });

  describe("refunding", () => {
    const staff = (key: string) => ({
      metadata: { authorization: `Bearer ${shop.issuer.tokenOf("S-1", ["payments.write"])}`, "x-key": key },
    });
    const refund = (paymentId: string, amount: bigint, idempotencyKey: string, reason = "Broken.") =>
      shop.payments.refundPayment(
        { paymentId, ...(amount > 0n && { amount: eur(amount) }), reason, idempotencyKey },
        staff(idempotencyKey),
      );
    const failureOf = (call: Promise<unknown>) =>
      call.then(
        () => "none",
        (error: unknown) => error,
      );
    const refundsOf = async (orderId: string) =>
      (await shop.psp.history(orderId)).filter((type) => type === "payment.refunded").length;

    it("gives back everything of an order once", async () => {
      const { orderId } = await orderWith("captured");
      const request = { orderId, reason: "Cancelled." };
      const [first] = await Promise.all([1, 2].map(() => eventually(() => shop.payments.refundOrder(request))));
      expect(first?.payment).toMatchObject({
        status: PaymentStatus.REFUNDED,
        captured: eur(1200n),
        refunded: eur(1200n),
      });
      expect(await shop.payments.refundOrder(request)).toEqual(first);
      expect(await shop.events(orderId)).toEqual(["Authorised", "Captured", "Refunded"]);
      expect(await shop.psp.history(orderId)).toHaveLength(3);
      expect((await ledgerOf(orderId)).slice(2)).toEqual([
        { kind: "refund", account: "customer-orders", amount: 1200n, currency: "EUR" },
        { kind: "refund", account: "provider-receivable", amount: -1200n, currency: "EUR" },
      ]);
    });

    it("voids an order that was only held, and closes one without a payment", async () => {
      const { orderId } = await orderWith("authorised");
      const held = await shop.payments.refundOrder({ orderId });
      expect(held.payment).toMatchObject({ status: PaymentStatus.VOIDED });
      const none = await shop.payments.refundOrder({ orderId: anOrder().orderId });
      expect(none.payment).toMatchObject({ status: PaymentStatus.VOIDED });
    });

    it("gives back parts, each key once", async () => {
      const { orderId, paymentId } = await orderWith("captured");
      await refund(paymentId, 500n, "a");
      const { payment } = await refund(paymentId, 500n, "a");
      expect(payment).toMatchObject({ status: PaymentStatus.CAPTURED, refunded: eur(500n) });
      expect(await reasonOf(refund(paymentId, 400n, "a"))).toBe("IDEMPOTENCY_KEY_REUSED");
      expect(await reasonOf(refund(paymentId, 0n, "a"))).toBe("IDEMPOTENCY_KEY_REUSED");
      expect(await reasonOf(refund(paymentId, 500n, "a", "Late."))).toBe("IDEMPOTENCY_KEY_REUSED");
      const rest = await refund(paymentId, 0n, "b");
      expect(rest.payment).toMatchObject({ status: PaymentStatus.REFUNDED, refunded: eur(1200n) });
      expect(await reasonOf(refund(paymentId, 1n, "c"))).toBe("REFUND_TOO_HIGH");
      expect(await shop.events(orderId)).toEqual(["Authorised", "Captured", "Refunded", "Refunded"]);
    });

    it("is refused in another currency and for an amount of nothing", async () => {
      const { paymentId } = await orderWith("captured");
      const wanted = (amount: { currency: string; minor: bigint }) =>
        reasonOf(shop.payments.refundPayment({ paymentId, amount, idempotencyKey: "c" }, staff("c")));
      expect(await wanted({ currency: "USD", minor: 500n })).toBe("REFUND_CURRENCY");
      expect(await wanted(eur(0n))).toBe("INVALID_REQUEST");
      expect(await wanted({ currency: "", minor: 500n })).toBe("INVALID_REQUEST");
    });

    it("takes the amount as edges of the version before send it, and repeats it for the new form", async () => {
      const { paymentId } = await orderWith("captured");
      const request = { paymentId, amountMinor: 500n, reason: "Broken.", idempotencyKey: "old" };
      const { payment } = await shop.payments.refundPayment(request, staff("old"));
      expect(payment).toMatchObject({ refunded: eur(500n), refundedMinor: 500n, capturedMinor: 1200n });
      expect((await refund(paymentId, 500n, "old")).payment?.refunded?.minor).toBe(500n);
    });

    it("is refused with a card number in the reason or the key, and stores neither", async () => {
      const { paymentId } = await orderWith("captured");
      const number = "4111 1111 1111 1111";
      const withReason = { paymentId, amount: eur(1n), reason: `Card ${number}.`, idempotencyKey: "k" };
      const withKey = { paymentId, amount: eur(1n), reason: "", idempotencyKey: "card-5555-5555-5555-4444" };
      expect(await reasonOf(shop.payments.refundPayment(withReason, staff("k")))).toBe("INVALID_REQUEST");
      expect(await reasonOf(shop.payments.refundPayment(withKey, staff("k")))).toBe("INVALID_REQUEST");
      expect(
        await shop.db.query("SELECT 1 FROM operations WHERE reason LIKE '%4111%' OR key LIKE '%5555-4444%'"),
      ).toEqual([]);
    });

    it("never refunds more than was captured, for any number of concurrent requests", async () => {
      const { orderId, paymentId } = await orderWith("captured", 1000n);
      const reasons = await Promise.all(
        Array.from({ length: 10 }, (_, n) => reasonOf(refund(paymentId, 300n, `part-${n}`))),
      );
      expect(reasons.filter((reason) => reason === "none")).toHaveLength(3);
      expect(reasons.filter((reason) => reason === "REFUND_TOO_HIGH")).toHaveLength(7);
      const history = await shop.psp.history(orderId);
      expect(history.filter((type) => type === "payment.refunded")).toHaveLength(3);
      const [sum] = await shop.db.query(
        `SELECT sum(amount)::int AS net FROM ledger_entries JOIN ledger_transactions ON id = transaction_id
         WHERE payment_id = $1 AND account = 'provider-receivable'`,
        [paymentId],
      );
      expect(sum).toEqual({ net: 100 });
    });

    it("is booked and published with its actor, its reason, and the units to restock", async () => {
      const { orderId, paymentId } = await orderWith("captured");
      shop.sold.set(orderId, { "P-101": 2 });
      const restock = [{ sku: "P-101", quantity: 2 }];
      const request = { paymentId, amount: eur(500n), reason: "Broken.", idempotencyKey: "a", restock };
      await shop.payments.refundPayment(request, staff("a"));
      await eventually(() => shop.payments.refundOrder({ orderId, reason: "Cancelled.", actor: "user:U-1" }));
      const metadata = { authorization: `Bearer ${shop.issuer.tokenOf("S-1", ["payments.read"])}` };
      const { entries } = await shop.payments.listLedgerEntries({ paymentId }, { metadata });
      expect(
        entries
          .filter(({ amount }) => (amount?.minor ?? 0n) > 0n)
          .map(({ actor, reason, amount }) => [actor, reason, amount?.minor]),
      ).toEqual([
        ["service:orders", undefined, 1200n],
        ["staff:S-1", "Broken.", 500n],
        ["user:U-1", "Cancelled.", 700n],
      ]);
      const announced = await rowsOf<{ payload: Buffer }>(
        shop.db,
        "SELECT payload FROM outbox WHERE key = $1 AND type LIKE '%PaymentRefunded' ORDER BY seq",
        [orderId],
      );
      const events = announced.map(({ payload }) => fromBinary(PaymentRefundedSchema, payload));
      expect(events.map(({ actor, reason, amount }) => [actor, reason, amount?.minor])).toEqual([
        ["staff:S-1", "Broken.", 500n],
        ["user:U-1", "Cancelled.", 700n],
      ]);
      expect(events.map((event) => event.restock.map(({ sku, quantity }) => ({ sku, quantity })))).toEqual([
        restock,
        [],
      ]);
    });

    it.each([
      ["no units", "restock[0].quantity", [{ sku: "P-1", quantity: 0 }]],
      ["no SKU", "restock[0].sku", [{ sku: "", quantity: 1 }]],
      ["a SKU twice", "restock[1].sku", [1, 2].map(() => ({ sku: "P-1", quantity: 1 }))],
    ])("is refused if %s return to stock, on the field %s", async (_, field, restock) => {
      const request = { paymentId: randomUUID(), amount: eur(1n), idempotencyKey: "r", restock };
      await expect(shop.payments.refundPayment(request, staff("r"))).rejects.toMatchObject({ violations: [{ field }] });
    });

    it("never restocks more units than were sold, for any number of concurrent requests, and names the line", async () => {
      const { orderId, paymentId } = await orderWith("captured");
      shop.sold.set(orderId, { "P-1": 3 });
      const restocking = (key: string, ...restock: { sku: string; quantity: number }[]) =>
        shop.payments.refundPayment({ paymentId, amount: eur(10n), idempotencyKey: key, restock }, staff(key));
      const tooMany = () => restocking("too-many", { sku: "P-1", quantity: 4 });
      await expect(tooMany()).rejects.toMatchObject({
        reason: "RESTOCK_TOO_HIGH",
        message: expect.stringMatching(/^restock\[0\]\.quantity: 4 units of P-1 .* 3 were sold, 0 .* at most 3/),
      });
      expect(await reasonOf(tooMany())).toBe("RESTOCK_TOO_HIGH");
      expect(await reasonOf(restocking("foreign", { sku: "P-9", quantity: 1 }))).toBe("RESTOCK_TOO_HIGH");
      const keys = ["a", "b", "c", "d", "e"];
      const reasons = await Promise.all(keys.map((key) => reasonOf(restocking(key, { sku: "P-1", quantity: 1 }))));
      expect(reasons.sort()).toEqual(["RESTOCK_TOO_HIGH", "RESTOCK_TOO_HIGH", "none", "none", "none"]);
      expect(await refundsOf(orderId)).toBe(3);
    });

    it("of an order gives back all, also when staff refunds a part at the same time", async () => {
      for (const part of [500n, 1200n]) {
        const { orderId, paymentId } = await orderWith("captured");
        const [byStaff] = await Promise.all([
          reasonOf(refund(paymentId, part, "part")),
          eventually(() => shop.payments.refundOrder({ orderId, reason: "Cancelled." })),
        ]);
        expect(["none", "REFUND_TOO_HIGH"]).toContain(byStaff);
        const [row] = await shop.db.query("SELECT status, refunded FROM payments WHERE id = $1", [paymentId]);
        expect(row).toEqual({ status: "refunded", refunded: 1200n });
      }
    });

    it("of an order refunds all, also when a partial refund of staff is in progress, or was refused by the provider", async () => {
      const { orderId, paymentId } = await orderWith("captured");
      await shop.psp.control({ failNext: 1 });
      const once = { ...staff("part"), idempotent: false };
      const request = { paymentId, amount: eur(500n), reason: "Broken.", idempotencyKey: "part" };
      expect(await reasonOf(shop.payments.refundPayment(request, once))).toBe("PAYMENT_OUTCOME_UNKNOWN");
      const { payment } = await eventually(() => shop.payments.refundOrder({ orderId, reason: "Cancelled." }));
      expect(payment).toMatchObject({ status: PaymentStatus.REFUNDED, refunded: eur(1200n) });
      const refunds = (await shop.psp.history(orderId)).filter((type) => type === "payment.refunded");
      expect(refunds).toHaveLength(2);
    });

    it("keeps a refusal under its key, also when the amount is refundable later", async () => {
      const { orderId, paymentId } = await orderWith("captured", 1000n);
      const [first, ...others] = await Promise.all(
        Array.from({ length: 5 }, () => failureOf(refund(paymentId, 1001n, "too-high"))),
      );
      expect(first).toMatchObject({ reason: "REFUND_TOO_HIGH", metadata: { amount: "1001", refundable: "1000" } });
      await refund(paymentId, 400n, "part");
      for (const again of [...others, await failureOf(refund(paymentId, 1001n, "too-high"))])
        expect(again).toEqual(first);
      expect(await refundsOf(orderId)).toBe(1);
    });

    it("is requested from the provider once, for any number of concurrent repetitions of a key", async () => {
      const { orderId, paymentId } = await orderWith("captured");
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => eventually(() => refund(paymentId, 300n, "k"))),
      );
      expect(new Set(answers.map(({ payment }) => payment?.refunded?.minor))).toEqual(new Set([300n]));
      expect(await refundsOf(orderId)).toBe(1);
    });

    it("finds the key of a refund that the previous version began without a claim", async () => {
      const { orderId, paymentId } = await orderWith("captured");
      await refund(paymentId, 300n, "k");
      await shop.db.query("DELETE FROM idempotency_claims WHERE scope = $1", [paymentId]);
      expect(await reasonOf(refund(paymentId, 200n, "k"))).toBe("IDEMPOTENCY_KEY_REUSED");
      expect((await refund(paymentId, 300n, "k")).payment?.refunded?.minor).toBe(300n);
      expect(await refundsOf(orderId)).toBe(1);
    });

    it("takes keys of 1 to 255 printable characters", async () => {
      const { orderId, paymentId } = await orderWith("captured");
      const long = `${"k".repeat(253)}-1`;
      for (const key of [long, long, `${"k".repeat(253)}-2`, "a key"]) await refund(paymentId, 100n, key);
      expect(await refundsOf(orderId)).toBe(3);
      for (const key of [`${long}x`, " k", "ü"])
        expect(
          await reasonOf(shop.payments.refundPayment({ paymentId, amount: eur(1n), idempotencyKey: key }, staff(""))),
        ).toBe("INVALID_REQUEST");
    });

    it("that the provider refused remains refused, also when the payment shows the reason by then", async () => {
      const { orderId, paymentId } = await orderWith("captured");
      const [row] = await rowsOf<{ id: string }>(
        shop.db,
        "SELECT provider_reference AS id FROM payments WHERE id = $1",
        [paymentId],
      );
      shop.hearWebhooks(false);
      await shop.psp.refund(row?.id ?? "", 1000);
      const first = await failureOf(refund(paymentId, 300n, "k"));
      expect(first).toMatchObject({ reason: "PROVIDER_REFUSED" });
      shop.hearWebhooks(true);
      expect(await failureOf(refund(paymentId, 300n, "k"))).toEqual(first);
      expect((await refund(paymentId, 200n, "k-2")).payment).toMatchObject({ status: PaymentStatus.REFUNDED });
      expect(await refundsOf(orderId)).toBe(2);
    });

    it("goes on after the provider stumbled", async () => {
      const order = anOrder({ paymentMethod: "tok_refund_fails_once" });
      await authorise(order);
      await shop.payments.capturePayment(order);
      const { payment } = await eventually(() => shop.payments.refundOrder({ orderId: order.orderId }));
      expect(payment).toMatchObject({ status: PaymentStatus.REFUNDED });
    });
  });

  describe("a payment that the provider has forgotten", () => {
    const forgottenOrder = async (step: "authorised" | "captured") => {
      const order = await orderWith(step);
      await shop.db.query("UPDATE payments SET provider_reference = 'pay_gone' WHERE id = $1", [order.paymentId]);
      return order;
    };
    const since = async (paymentId: string) =>
      (await shop.db.query("SELECT forgotten_since FROM payments WHERE id = $1", [paymentId]))[0]?.forgotten_since;

    it("is named, marked, and not captured or refunded blindly", async () => {
      const held = await forgottenOrder("authorised");
      expect(await reasonOf(shop.payments.capturePayment({ orderId: held.orderId }))).toBe("PAYMENT_FORGOTTEN");
      expect(await since(held.paymentId)).toBeInstanceOf(Date);
      const taken = await forgottenOrder("captured");
      expect(await reasonOf(shop.payments.refundOrder({ orderId: taken.orderId }))).toBe("PAYMENT_FORGOTTEN");
      expect(await shop.metric("kontor_payments_forgotten")).toMatchObject({ "": 2 });
    });

    it("can be voided if it was only held, and its order continues", async () => {
      const { orderId, paymentId } = await forgottenOrder("authorised");
      const { payment } = await shop.payments.voidPayment({ orderId });
      expect(payment).toMatchObject({ status: PaymentStatus.VOIDED });
      expect(await since(paymentId)).toBeInstanceOf(Date);
      expect(await shop.events(orderId)).toEqual(["Authorised", "Voided"]);
    });

    it("is found by the sweep while the shopper is to confirm, and shows how long that takes", async () => {
      const { id, status } = (await authorise(anOrder({ paymentMethod: "tok_3ds" }))) ?? {};
      expect(status).toBe(PaymentStatus.REQUIRES_ACTION);
      const waiting = await shop.metric("kontor_payments_oldest_undecided_seconds");
      expect(waiting['status="requires_action"']).toBeGreaterThan(0);
      await shop.db.query("UPDATE payments SET provider_reference = 'pay_gone', check_at = now() WHERE id = $1", [id]);
      await eventually(async () => expect(await since(id ?? "")).toBeInstanceOf(Date));
    });
  });

  it("keeps refunds, open operations and the ledger forever, and removes the rest when its time is over", async () => {
    const { orderId, paymentId } = await orderWith("captured");
    await shop.payments.refundOrder({ orderId });
    await shop.db.query("UPDATE operations SET settled_at = settled_at - interval '2 days' WHERE payment_id = $1", [
      paymentId,
    ]);
    await shop.db.query("INSERT INTO webhook_events VALUES ('psp', 'old', 'x', NULL, '{}', now() - interval '2 days')");
    const rules = paymentRetention({ operationsMs: 86_400_000, webhooksMs: 86_400_000 });
    const log = createLogger({ service: "test", level: "silent" });
    expect((await prune({ db: shop.db, rules, log })).removed).toEqual({ operations: 2, webhook_events: 1 });
    const left = await shop.db.query("SELECT kind FROM operations WHERE payment_id = $1", [paymentId]);
    expect(left).toEqual([{ kind: "refund" }]);
    expect(await ledgerOf(orderId)).toHaveLength(4);
  });

  it("agrees with the provider in every currency, and each transaction sums to 0", async () => {
    const { orderId, paymentId } = await orderWith("captured", 4200n);
    await shop.payments.refundOrder({ orderId });
    const [ours] = await shop.db.query(
      "SELECT sum(amount)::int AS net FROM ledger_entries WHERE account = 'provider-receivable' AND currency = 'EUR'",
    );
    expect(ours).toEqual({ net: (await shop.psp.balance("EUR")).net });
    expect(await shop.db.query("SELECT transaction_id FROM ledger_entries GROUP BY 1 HAVING sum(amount) <> 0")).toEqual(
      [],
    );
    const metadata = { authorization: `Bearer ${shop.issuer.tokenOf("S-1", ["payments.read"])}` };
    const { entries } = await shop.payments.listLedgerEntries({ paymentId }, { metadata });
    expect(entries.map(({ kind, amount }) => [kind, amount?.minor])).toEqual([
      ["capture", 4200n],
      ["capture", -4200n],
      ["refund", 4200n],
      ["refund", -4200n],
    ]);
  });

  it("returns a payment only to its owner and to staff", async () => {
    const { orderId, paymentId } = await orderWith("authorised");
    const as = (subject: string, ...scopes: string[]) => ({
      metadata: { authorization: `Bearer ${shop.issuer.tokenOf(subject, scopes)}` },
    });
    const byOrder = (options: ReturnType<typeof as>) => reasonOf(shop.payments.getPaymentByOrder({ orderId }, options));
    expect(await byOrder(as("U-1", "orders.read"))).toBe("none");
    expect(await byOrder(as("U-2", "orders.read"))).toBe("PAYMENT_NOT_FOUND");
    expect(await byOrder(as("S-1", "orders.read", "orders.read.any"))).toBe("none");
    expect(await reasonOf(shop.payments.getPayment({ paymentId }, as("S-1", "payments.read")))).toBe("none");
    expect(await reasonOf(shop.payments.getPayment({ paymentId }, as("U-1", "orders.read")))).toBe("SCOPE_MISSING");
    const unknown = shop.payments.getPayment({ paymentId: "nonsense" }, as("S-1", "payments.read"));
    expect(await reasonOf(unknown)).toBe("PAYMENT_NOT_FOUND");
  });
});
