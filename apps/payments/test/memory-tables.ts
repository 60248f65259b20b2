import type { MemoryDatabase } from "@kontor/testing/memory-database";
import type { Payment } from "../src/domain/payment.ts";
import type { RestockedItem } from "../src/domain/refund-parts.ts";
import type { LedgerEntry, OpenOperation, ProviderEvent } from "../src/ports.ts";

/** A payment, and when the provider is queried about it. */
export interface PaymentRow extends Payment {
  readonly checkAt?: Date | undefined;
}

export interface OperationRow extends OpenOperation {
  readonly state: "started" | "settled" | "refused";
  readonly refusal?: string | undefined;
  readonly actor?: string;
  readonly restock: readonly RestockedItem[];
  /** Whether the ledger has what the refund gave back. */
  readonly booked: boolean;
  readonly nextAttemptAt: Date;
  readonly createdAt: Date;
}

export type Tx = Parameters<Parameters<MemoryDatabase["transaction"]>[0]>[0];
export type MemoryTables = ReturnType<typeof createMemoryTables>;

/** For how long an operation belongs to the process that began or claimed it. */
export const LEASE_MS = 15_000;
export const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

/** Creates the tables that the in-memory stores of payments share. `now` is their clock. */
export function createMemoryTables(db: MemoryDatabase, now: () => Date) {
  const payments = db.table<string, PaymentRow>();
  const operations = db.table<string, OperationRow>();
  const webhooks = db.table<string, ProviderEvent>();
  const ledger = db.table<number, LedgerEntry & { readonly paymentId: string }>();
  const outbox = db.table<number, { readonly type: string; readonly key: string }>();
  return {
    ...{ db, now, payments, operations, webhooks, ledger, outbox },
    /** Returns the types of the events about an order. */
    published: (orderId: string) =>
      [...outbox.rows().values()].flatMap(({ type, key }) => (key === orderId ? [type] : [])),
    /** Returns the operations of a payment in the order in which they began. */
    operationsOf: (paymentId: string, tx?: Tx): readonly OperationRow[] =>
      [...operations.rows(tx).values()].filter((operation) => operation.paymentId === paymentId),
    /** Stores an operation as begun, unless its key is in use or another one is open. Refunds may run side by side. */
    start(
      tx: Tx,
      operation: Pick<OperationRow, "key" | "paymentId" | "kind" | "amount"> & Partial<OperationRow>,
    ): boolean {
      const known = operations.rows(tx).get(operation.key);
      if (known !== undefined && known.state !== "refused") return false;
      const isExclusive = ({ kind, state }: OperationRow) => kind !== "refund" && state === "started";
      const open = [...operations.rows(tx).values()].filter(({ paymentId }) => paymentId === operation.paymentId);
      if (operation.kind !== "refund" && open.some(isExclusive)) return false;
      operations.rows(tx).set(operation.key, {
        ...{ attempts: 0, createdAt: now(), ...known, reason: undefined, refusal: undefined },
        ...{ state: "started", restock: [], booked: false, nextAttemptAt: later(now(), LEASE_MS), ...operation },
      });
      return true;
    },
    /** Returns whether a webhook is received for the first time, and stores it. */
    receive(tx: Tx, event: ProviderEvent): boolean {
      const key = `${event.provider} ${event.id}`;
      const isNew = !webhooks.rows(tx).has(key);
      if (isNew) webhooks.rows(tx).set(key, event);
      return isNew;
    },
  };
}
