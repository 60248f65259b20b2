import { randomUUIDv7 } from "node:crypto";
import { toMessage } from "../src/contract/payment-events.ts";
import { withRefundParts } from "../src/domain/ledger.ts";
import { authorisationKey, voidOf } from "../src/domain/operation.ts";
import type { Booking, Change, NewPayment, Payment, PaymentStatus } from "../src/domain/payment.ts";
import { refundParts } from "../src/domain/refund-parts.ts";
import type { Cause, Ledger, LedgerEntry, PaymentFilter, Payments, Webhooks } from "../src/ports.ts";
import { later, type MemoryTables, type OperationRow, type PaymentRow, type Tx } from "./memory-tables.ts";

const FIRST_CHECK_MS = 5_000;
const LONGEST_CHECK_MS = 300_000;

/** Payments in memory. */
export function memoryPayments(tables: MemoryTables): Payments {
  const { db, now, payments, operations, outbox, ledger } = tables;
  const publicOf = ({ checkAt: _, ...payment }: PaymentRow): Payment => payment;
  const all = (tx?: Tx) => [...payments.rows(tx).values()];
  const ofOrder = (orderId: string, tx?: Tx) => all(tx).find((payment) => payment.orderId === orderId);

  function insert(tx: Tx, payment: NewPayment & { readonly status: PaymentStatus }, at: Date): Payment {
    const totals = { version: 1, captured: 0n, refunded: 0n };
    const row = { ...payment, ...totals, id: randomUUIDv7(), createdAt: at, updatedAt: at };
    payments.rows(tx).set(row.id, row);
    return row;
  }

  function settle(tx: Tx, chosen: (operation: OperationRow) => boolean): void {
    for (const [key, operation] of operations.rows(tx))
      if (operation.state === "started" && chosen(operation))
        operations.rows(tx).set(key, { ...operation, state: "settled" });
  }

  function book(tx: Tx, { id: paymentId, currency }: Payment, booking: Booking): void {
    const { kind, debit, credit, amount, actor, reason } = booking;
    const entry = { transactionId: randomUUIDv7(), kind, currency, at: now(), actor, reason, paymentId };
    for (const [account, booked] of [
      [debit, amount],
      [credit, -amount],
    ] as const)
      ledger.rows(tx).set(ledger.rows(tx).size, { ...entry, account, amount: booked });
  }

  /** Attributes what was given back to the refunds that were requested and are not yet booked, that of the cause first. */
  function attributed(tx: Tx, change: Change, key: string | undefined): Change {
    const refund = change.events.find((event) => event.type === "refunded");
    if (refund?.type !== "refunded") return change;
    const requested = tables
      .operationsOf(change.payment.id, tx)
      .filter(({ kind, booked }) => kind === "refund" && !booked)
      .filter((operation) => operation.state === "started" || operation.key === key)
      .toSorted((a, b) => Number(b.key === key) - Number(a.key === key));
    const parts = refundParts(
      refund.amount,
      requested.map(({ actor = "service:orders", reason = "", ...rest }) => ({ ...rest, actor, reason })),
    );
    for (const { key: booked = "" } of parts) {
      const operation = operations.rows(tx).get(booked);
      if (operation !== undefined) operations.rows(tx).set(booked, { ...operation, booked: true });
    }
    return withRefundParts(change, parts);
  }

  function save(tx: Tx, change: Change, cause?: Cause): Payment | "received before" {
    const key = cause && "operation" in cause ? cause.operation : undefined;
    if (cause && "webhook" in cause && !tables.receive(tx, cause.webhook)) return "received before";
    const { payment } = change;
    const after = { ...payment, version: payment.version + 1 };
    const { events, bookings, liftHold } = attributed(tx, change, key);
    const undecided = payment.status === "pending" || payment.status === "requires_action";
    const { forgottenSince } = payments.rows(tx).get(payment.id) ?? {};
    const checkAt = undecided ? later(now(), FIRST_CHECK_MS) : undefined;
    payments.rows(tx).set(payment.id, { ...after, forgottenSince, checkAt });
    settle(tx, (operation) => {
      if (operation.paymentId !== payment.id) return false;
      const authorised = operation.kind === "authorise" && payment.providerReference !== undefined;
      return operation.key === key || authorised || (operation.kind === "capture" && payment.captured > 0n);
    });
    for (const booking of bookings) book(tx, after, booking);
    if (liftHold) tables.start(tx, { ...voidOf(after), nextAttemptAt: now() });
    for (const event of events) {
      const { type, key: about } = toMessage(after, event);
      outbox.rows(tx).set(outbox.rows(tx).size, { type, key: about });
    }
    return after;
  }

  return {
    open: (payment, at) =>
      db.transaction(async (tx) => {
        if (ofOrder(payment.orderId, tx) !== undefined) return undefined;
        const { orderId, userId, method, amount, currency } = payment;
        const opened = insert(tx, { orderId, userId, method, amount, currency, status: "pending" }, at);
        tables.start(tx, { key: authorisationKey(orderId), paymentId: opened.id, kind: "authorise", amount });
        return opened;
      }),
    closeUnopened: (orderId, at) =>
      db.transaction(async (tx) => {
        const known = ofOrder(orderId, tx);
        if (known !== undefined) return publicOf(known);
        return insert(tx, { orderId, userId: "", method: "", amount: 0n, currency: "", status: "voided" }, at);
      }),
    async byOrder(orderId) {
      const found = ofOrder(orderId);
      return found && publicOf(found);
    },
    async byId(id) {
      const found = payments.rows().get(id);
      return found && publicOf(found);
    },
    async list(filter, { after, limit }) {
      const last = after === undefined ? undefined : payments.rows().get(after);
      const sorted = all()
        .filter((payment) => matches(payment, filter))
        .sort(byAge(filter));
      const beyond = sorted.filter((payment) => last === undefined || byAge(filter)(last, payment) < 0);
      return beyond.slice(0, limit).map(publicOf);
    },
    update: (payment, change, cause) =>
      db.transaction(async (tx) => {
        for (let current = payment; ; ) {
          const wanted = change(current);
          if (wanted.payment === current) {
            if (cause && "operation" in cause) settle(tx, ({ key }) => key === cause.operation);
            if (cause && "webhook" in cause) tables.receive(tx, cause.webhook);
            return current;
          }
          const stored = payments.rows(tx).get(payment.id);
          if (stored === undefined) throw new Error(`Payment ${payment.id} has vanished.`);
          if (stored.version === wanted.payment.version) {
            const saved = save(tx, wanted, cause);
            return saved === "received before" ? current : saved;
          }
          current = publicOf(stored);
        }
      }),
    setForgotten: (id, forgotten) =>
      db.transaction(async (tx) => {
        const row = payments.rows(tx).get(id);
        const forgottenSince = forgotten ? (row?.forgottenSince ?? now()) : undefined;
        if (row !== undefined) payments.rows(tx).set(id, { ...row, forgottenSince });
      }),
    claimUndecided: (limit) =>
      db.transaction(async (tx) => {
        const due = all(tx).flatMap((row) => (row.checkAt && row.checkAt <= now() ? [{ row, at: row.checkAt }] : []));
        const claimed = due.sort((a, b) => a.at.getTime() - b.at.getTime()).slice(0, limit);
        for (const { row } of claimed) {
          const age = now().getTime() - row.createdAt.getTime();
          const checkAt = later(now(), Math.min(Math.max(age, FIRST_CHECK_MS), LONGEST_CHECK_MS));
          payments.rows(tx).set(row.id, { ...row, checkAt });
        }
        return claimed.map(({ row }) => publicOf(row));
      }),
  };
}

/** The ledger in memory. */
export function memoryLedger({ ledger }: MemoryTables): Ledger {
  return {
    async ofPayment(paymentId) {
      const entries = [...ledger.rows().values()].filter((entry) => entry.paymentId === paymentId);
      return entries.map(({ paymentId: _, ...entry }): LedgerEntry => entry);
    },
  };
}

/** Webhooks in memory. */
export function memoryWebhooks(tables: MemoryTables): Webhooks {
  return { keepUnmatched: (event) => tables.db.transaction(async (tx) => void tables.receive(tx, event)) };
}

function matches(payment: Payment, filter: PaymentFilter): boolean {
  const { status, createdFrom, createdUntil, userId, orderId, currency } = filter;
  const is = <T>(wanted: T | undefined, actual: T) => wanted === undefined || wanted === actual;
  return (
    payment.amount > 0n &&
    is(status, payment.status) &&
    is(userId, payment.userId) &&
    is(orderId, payment.orderId) &&
    is(currency, payment.currency) &&
    (createdFrom === undefined || payment.createdAt >= createdFrom) &&
    (createdUntil === undefined || payment.createdAt < createdUntil)
  );
}

const byAge = ({ oldestFirst }: PaymentFilter) => {
  const order = (a: Payment, b: Payment) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1);
  return (a: Payment, b: Payment) => (oldestFirst ? order(a, b) : order(b, a));
};
