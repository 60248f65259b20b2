import { createBatch } from "@kontor/batch";
import { failpoint } from "@kontor/failpoint";
import { idempotencyErrors } from "@kontor/idempotency";
import { type Database, isUniqueViolation, type RowOf } from "@kontor/postgres";
import { paymentErrors } from "../domain/errors.ts";
import type { Operation } from "../domain/operation.ts";
import type { Payment } from "../domain/payment.ts";
import { refundAmount } from "../domain/refund.ts";
import { checkRestock } from "../domain/restock.ts";
import { statement } from "../gen/statements.ts";
import type { OpenOperation, Operations } from "../ports.ts";

/** Longer than a query of the provider takes: until then the operation belongs to the process that began or claimed it. */
const LEASE = "interval '15 seconds'";

const COLUMNS = "key, payment_id, kind, amount, reason, attempts";

// A refused operation did nothing, so its key may be used again.
const RESTART = `ON CONFLICT (key) DO UPDATE
  SET state = 'started', amount = excluded.amount, reason = excluded.reason, refusal = NULL, settled_at = NULL,
    actor = excluded.actor, restock = excluded.restock, booked_at = NULL,
    next_attempt_at = now() + ${LEASE}
  WHERE operations.state = 'refused'
  RETURNING key`;

// An upsert refuses a duplicate key, so each is begun once. If the payment has another open operation, nothing begins.
const BEGIN = statement(
  "operations.begin-all",
  `INSERT INTO operations (key, payment_id, kind, amount, next_attempt_at)
  SELECT DISTINCT ON (key) key, payments.id, kind, begun.amount, now() + ${LEASE}
  FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[], $5::int[]) AS begun (key, payment_id, kind, amount, version)
  JOIN payments ON payments.id = begun.payment_id AND payments.version = begun.version
  ORDER BY key ${RESTART}`,
);

const BEGIN_REFUND = statement(
  "operations.begin-refund",
  `INSERT INTO operations (key, payment_id, kind, amount, reason, actor, restock, next_attempt_at)
  VALUES ($1, $2, 'refund', $3, $4, $5, $6, now() + ${LEASE}) ${RESTART}`,
  { prepared: false },
);

const LOCK_TOTALS = statement(
  "operations.lock-totals",
  "SELECT captured, refunded FROM payments WHERE id = $1 FOR UPDATE",
  { prepared: false },
);

const PROMISED = statement(
  "operations.promised",
  `SELECT coalesce(sum(amount) FILTER (WHERE state <> 'refused'), 0)::bigint AS promised,
    coalesce(max(amount) FILTER (WHERE key = $2 AND state <> 'refused'), 0)::bigint AS own,
    max(reason) FILTER (WHERE key = $2) AS "ownReason"
  FROM operations WHERE payment_id = $1 AND kind = 'refund'`,
  { prepared: false },
);

const PROMISED_UNITS = statement(
  "operations.promised-units",
  `SELECT item ->> 'sku' AS sku, sum((item ->> 'quantity')::int)::int AS quantity
  FROM operations, jsonb_array_elements(coalesce(restock, '[]')) AS item
  WHERE payment_id = $1 AND kind = 'refund' AND state <> 'refused' GROUP BY 1`,
  { prepared: false, columns: { sku: "not null", quantity: "not null" } },
);

const CLAIM_DUE = statement(
  "operations.claim-due",
  `UPDATE operations SET next_attempt_at = now() + ${LEASE}
  WHERE key IN (
    SELECT key FROM operations WHERE state = 'started' AND next_attempt_at <= now()
    ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING ${COLUMNS}`,
);

const REFUSAL_OF = statement(
  "operations.refusal-of",
  "SELECT refusal FROM operations WHERE key = $1 AND state = 'refused'",
);

const OF_PAYMENT = statement(
  "operations.of-payment",
  `SELECT ${COLUMNS} FROM operations WHERE payment_id = $1 AND state = 'started' ORDER BY created_at`,
);

const REFUSE = statement(
  "operations.refuse",
  "UPDATE operations SET state = 'refused', refusal = $2, settled_at = now() WHERE key = $1 AND state = 'started'",
  { prepared: false },
);

// Half a second, doubled up to a minute, jittered by half.
const POSTPONE = statement(
  "operations.postpone",
  `UPDATE operations SET attempts = attempts + 1,
    next_attempt_at = now() + least(0.5 * 2 ^ least(attempts, 10), 60) * (0.5 + random()) * interval '1 second'
  WHERE key = $1 AND state = 'started'`,
);

const OLDEST_OPEN = statement(
  "operations.oldest-open",
  `SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS age FROM operations WHERE state = 'started'`,
  { prepared: false },
);

interface Options {
  /** Called when the outcome of an operation is to be found out later. */
  readonly onPostponed?: () => void;
}

interface Beginning {
  readonly operation: Operation;
  readonly payment: Payment;
}

/** Creates the store of operations in PostgreSQL. */
export function createOperationStore(db: Database, { onPostponed = () => undefined }: Options = {}): Operations {
  const begin = createBatch<Beginning, boolean>({
    name: "payments.begin",
    maxFlights: 2,
    async run(beginnings) {
      const begun = new Set((await db.query(BEGIN, columnsOf(beginnings))).map(({ key }) => key));
      failpoint("payments.begun", db.service);
      return beginnings.map(({ operation }) => begun.delete(operation.key));
    },
  });
  return {
    async begin(operation, payment) {
      try {
        return await begin({ operation, payment });
      } catch (error) {
        if (isUniqueViolation(error, "operations_one_at_a_time_key")) return false;
        throw error;
      }
    },
    beginRefund: (...refund) => beginRefund(db, ...refund),
    async refusalOf(key) {
      const [refused] = await db.query(REFUSAL_OF, [key]);
      return refused?.refusal ?? undefined;
    },
    async ofPayment(paymentId) {
      return (await db.query(OF_PAYMENT, [paymentId])).map(toOperation);
    },
    async refuse(key, refusal) {
      await db.query(REFUSE, [key, refusal]);
    },
    async postpone(key) {
      await db.query(POSTPONE, [key]);
      onPostponed();
    },
    async claimDue(limit) {
      return (await db.query(CLAIM_DUE, [limit])).map(toOperation);
    },
    async oldestOpen() {
      const [row] = await db.query(OLDEST_OPEN);
      return row?.age ?? 0;
    },
  };
}

function columnsOf(beginnings: readonly Beginning[]) {
  return [
    beginnings.map(({ operation }) => operation.key),
    beginnings.map(({ payment }) => payment.id),
    beginnings.map(({ operation }) => operation.kind),
    beginnings.map(({ operation }) => operation.amount),
    beginnings.map(({ payment }) => payment.version),
  ] as const;
}

/** Takes the payment's lock, so that concurrent refunds never reserve more than the captured amount, or more units than the sold ones. */
function beginRefund(
  db: Database,
  ...[{ id }, request, keyed]: Parameters<Operations["beginRefund"]>
): Promise<Operation | "repeated"> {
  return db.transaction(async (tx) => {
    await keyed?.claim.settle(tx, request.key);
    const [totals] = await tx.query(LOCK_TOTALS, [id]);
    const [sums] = await tx.query(PROMISED, [id, request.key]);
    if (!totals || !sums) throw paymentErrors.PAYMENT_NOT_FOUND();
    if (sums.own > 0n) {
      // Begun by the previous version, which claimed no keys, or by refundOrder, whose key is the order's.
      const same = request.amount === 0n || request.amount === sums.own;
      if (same && (keyed === undefined || request.reason === (sums.ownReason ?? ""))) return "repeated";
      throw idempotencyErrors.IDEMPOTENCY_KEY_REUSED();
    }
    const amount = refundAmount(totals, sums.promised, request.amount);
    if (request.restock.length > 0)
      checkRestock(request.restock, keyed?.sold ?? [], await tx.query(PROMISED_UNITS, [id]));
    const restock = JSON.stringify(request.restock);
    await tx.query(BEGIN_REFUND, [request.key, id, amount, request.reason, request.actor, restock]);
    return { key: request.key, paymentId: id, kind: "refund", amount, reason: request.reason };
  });
}

function toOperation({ key, payment_id, kind, amount, reason, attempts }: RowOf<typeof OF_PAYMENT>): OpenOperation {
  return { key, paymentId: payment_id, kind, amount, reason: reason ?? undefined, attempts };
}
