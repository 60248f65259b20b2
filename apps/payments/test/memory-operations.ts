import { idempotencyErrors } from "@kontor/idempotency";
import { paymentErrors } from "../src/domain/errors.ts";
import { refundAmount } from "../src/domain/refund.ts";
import type { RestockedItem } from "../src/domain/refund-parts.ts";
import { checkRestock } from "../src/domain/restock.ts";
import type { OpenOperation, Operations } from "../src/ports.ts";
import { LEASE_MS, later, type MemoryTables, type OperationRow, type Tx } from "./memory-tables.ts";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 60_000;

/** Operations in memory. Retries have no jitter. */
export function memoryOperations(tables: MemoryTables): Operations {
  const { db, now, payments, operations } = tables;
  const openOf = ({ key, paymentId, kind, amount, reason, attempts }: OperationRow): OpenOperation => {
    return { key, paymentId, kind, amount, reason, attempts };
  };
  const started = (tx?: Tx) => [...operations.rows(tx).values()].filter(({ state }) => state === "started");

  function change(tx: Tx, key: string, to: (operation: OperationRow) => Partial<OperationRow>): void {
    const operation = operations.rows(tx).get(key);
    if (operation?.state === "started") operations.rows(tx).set(key, { ...operation, ...to(operation) });
  }

  return {
    begin: (operation, payment) =>
      db.transaction(async (tx) => {
        const { key, paymentId, kind, amount } = operation;
        const current = payments.rows(tx).get(payment.id)?.version === payment.version;
        return current && tables.start(tx, { key, paymentId, kind, amount });
      }),
    beginRefund: ({ id }, { key, amount: wanted, reason, actor, restock }, keyed) =>
      db.transaction(async (tx) => {
        await keyed?.claim.settle(tx as unknown as Parameters<typeof keyed.claim.settle>[0], key);
        const payment = payments.rows(tx).get(id);
        if (payment === undefined) throw paymentErrors.PAYMENT_NOT_FOUND();
        const accepted = tables
          .operationsOf(id, tx)
          .filter(({ kind, state }) => kind === "refund" && state !== "refused");
        const own = accepted.find((operation) => operation.key === key);
        if (own !== undefined) {
          const same = wanted === 0n || wanted === own.amount;
          if (same && (keyed === undefined || reason === (own.reason ?? ""))) return "repeated";
          throw idempotencyErrors.IDEMPOTENCY_KEY_REUSED();
        }
        const promised = accepted.reduce((sum, { amount }) => sum + amount, 0n);
        const amount = refundAmount(payment, promised, wanted);
        if (restock.length > 0) checkRestock(restock, keyed?.sold ?? [], unitsOf(accepted));
        tables.start(tx, { key, paymentId: id, kind: "refund", amount, reason, actor, restock });
        return { key, paymentId: id, kind: "refund", amount, reason };
      }),
    async refusalOf(key) {
      const operation = operations.rows().get(key);
      return operation?.state === "refused" ? operation.refusal : undefined;
    },
    ofPayment: async (paymentId) =>
      started()
        .filter((operation) => operation.paymentId === paymentId)
        .map(openOf),
    refuse: (key, refusal) => db.transaction(async (tx) => change(tx, key, () => ({ state: "refused", refusal }))),
    postpone: (key) =>
      db.transaction(async (tx) =>
        change(tx, key, ({ attempts }) => {
          const retryMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempts, 10), LONGEST_RETRY_MS);
          return { attempts: attempts + 1, nextAttemptAt: later(now(), retryMs) };
        }),
      ),
    claimDue: (limit) =>
      db.transaction(async (tx) => {
        const due = started(tx).filter(({ nextAttemptAt }) => nextAttemptAt <= now());
        const claimed = due.sort((a, b) => a.nextAttemptAt.getTime() - b.nextAttemptAt.getTime()).slice(0, limit);
        for (const { key } of claimed) change(tx, key, () => ({ nextAttemptAt: later(now(), LEASE_MS) }));
        return claimed.map(openOf);
      }),
    async oldestOpen() {
      const ages = started().map(({ createdAt }) => (now().getTime() - createdAt.getTime()) / 1_000);
      return Math.max(0, ...ages);
    },
  };
}

/** Returns the units that refunds put back into stock, by SKU. */
function unitsOf(refunds: readonly OperationRow[]): readonly RestockedItem[] {
  const items = Map.groupBy(
    refunds.flatMap(({ restock }) => restock),
    ({ sku }) => sku,
  );
  return [...items].map(([sku, all]) => ({ sku, quantity: all.reduce((sum, { quantity }) => sum + quantity, 0) }));
}
