import { idempotencyErrors } from "@kontor/idempotency";
import { type Database, isUniqueViolation } from "@kontor/postgres";
import { paymentErrors } from "../domain/errors.ts";
import type { Operation, OperationKind } from "../domain/operation.ts";
import type { Payment } from "../domain/payment.ts";
import { refundAmount } from "../domain/refund.ts";
import type { RestockedItem } from "../domain/refund-parts.ts";
import { checkRestock } from "../domain/restock.ts";
import type { OpenOperation, Operations } from "../ports.ts";

interface OperationRow {
  readonly key: string;
  readonly payment_id: string;
  readonly kind: OperationKind;
  readonly amount: bigint;
  readonly reason: string | null;
  readonly state: "started" | "settled" | "refused";
  readonly attempts: number;
}

/** Longer than a question to the provider takes: until then the operation belongs to who began or claimed it. */
const LEASE = "interval '15 seconds'";

// A refused operation did nothing, so its key may be used again.
const RESTART = `
  ON CONFLICT (key) DO UPDATE
  SET state = 'started', amount = excluded.amount, reason = excluded.reason, refusal = NULL, settled_at = NULL,
    actor = excluded.actor, restock = excluded.restock, booked_at = NULL,
    next_attempt_at = now() + ${LEASE}
  WHERE operations.state = 'refused'
  RETURNING key`;

const BEGIN = `
  INSERT INTO operations (key, payment_id, kind, amount, next_attempt_at)
  SELECT $1, id, $3, $4, now() + ${LEASE} FROM payments WHERE id = $2 AND version = $5 ${RESTART}`;

const BEGIN_REFUND = `
  INSERT INTO operations (key, payment_id, kind, amount, reason, actor, restock, next_attempt_at)
  VALUES ($1, $2, 'refund', $3, $4, $5, $6, now() + ${LEASE}) ${RESTART}`;

const LOCK_TOTALS = "SELECT captured, refunded FROM payments WHERE id = $1 FOR UPDATE";

const PROMISED = `
  SELECT coalesce(sum(amount) FILTER (WHERE state <> 'refused'), 0)::bigint AS promised,
    coalesce(max(amount) FILTER (WHERE key = $2 AND state <> 'refused'), 0)::bigint AS own,
    max(reason) FILTER (WHERE key = $2) AS "ownReason"
  FROM operations WHERE payment_id = $1 AND kind = 'refund'`;

const PROMISED_UNITS = `
  SELECT item ->> 'sku' AS sku, sum((item ->> 'quantity')::int)::int AS quantity
  FROM operations, jsonb_array_elements(coalesce(restock, '[]')) AS item
  WHERE payment_id = $1 AND kind = 'refund' AND state <> 'refused' GROUP BY 1`;

const CLAIM_DUE = `
  UPDATE operations SET next_attempt_at = now() + ${LEASE}
  WHERE key IN (
    SELECT key FROM operations WHERE state = 'started' AND next_attempt_at <= now()
    ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING *`;

// Half a second, doubled up to a minute, jittered by half.
const POSTPONE = `
  UPDATE operations SET attempts = attempts + 1,
    next_attempt_at = now() + least(0.5 * 2 ^ least(attempts, 10), 60) * (0.5 + random()) * interval '1 second'
  WHERE key = $1 AND state = 'started'`;

const OLDEST_OPEN = `
  SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS age FROM operations WHERE state = 'started'`;

export function createOperationStore(db: Database): Operations {
  return {
    async begin({ key, kind, amount }, payment) {
      try {
        const values = [key, payment.id, kind, amount, payment.version];
        return (await db.query(BEGIN, values, { name: "operations.begin" })).length > 0;
      } catch (error) {
        if (isUniqueViolation(error, "operations_one_at_a_time_key")) return false;
        throw error;
      }
    },
    beginRefund: (...refund) => beginRefund(db, ...refund),
    async refusalOf(key) {
      const text = "SELECT refusal FROM operations WHERE key = $1 AND state = 'refused'";
      const [refused] = await db.query<{ refusal: string }>(text, [key], { name: "operations.refusal-of" });
      return refused?.refusal;
    },
    async ofPayment(paymentId) {
      const text = "SELECT * FROM operations WHERE payment_id = $1 AND state = 'started' ORDER BY created_at";
      return (await db.query<OperationRow>(text, [paymentId], { name: "operations.of-payment" })).map(toOperation);
    },
    async refuse(key, refusal) {
      const text = "UPDATE operations SET state = 'refused', refusal = $2, settled_at = now() WHERE key = $1";
      await db.query(`${text} AND state = 'started'`, [key, refusal]);
    },
    async postpone(key) {
      await db.query(POSTPONE, [key], { name: "operations.postpone" });
    },
    async claimDue(limit) {
      return (await db.query<OperationRow>(CLAIM_DUE, [limit], { name: "operations.claim-due" })).map(toOperation);
    },
    async oldestOpen() {
      const [row] = await db.query<{ age: number }>(OLDEST_OPEN);
      return row?.age ?? 0;
    },
  };
}

interface PromisedRow {
  readonly promised: bigint;
  readonly own: bigint;
  readonly ownReason: string | null;
}

/** Holds the payment's lock, so that concurrent refunds never promise more than was captured, or more units than were sold. */
function beginRefund(
  db: Database,
  ...[{ id }, request, keyed]: Parameters<Operations["beginRefund"]>
): Promise<Operation | "repeated"> {
  return db.transaction(async (tx) => {
    await keyed?.claim.settle(tx, request.key);
    const [totals] = await tx.query<Pick<Payment, "captured" | "refunded">>(LOCK_TOTALS, [id]);
    const [sums] = await tx.query<PromisedRow>(PROMISED, [id, request.key]);
    if (!totals || !sums) throw paymentErrors.PAYMENT_NOT_FOUND();
    if (sums.own > 0n) {
      // Begun by the version before, which claimed no keys, or by refundOrder, whose key is the order's.
      const same = request.amount === 0n || request.amount === sums.own;
      if (same && (keyed === undefined || request.reason === (sums.ownReason ?? ""))) return "repeated";
      throw idempotencyErrors.IDEMPOTENCY_KEY_REUSED();
    }
    const amount = refundAmount(totals, sums.promised, request.amount);
    if (request.restock.length > 0)
      checkRestock(request.restock, keyed?.sold ?? [], await tx.query<RestockedItem>(PROMISED_UNITS, [id]));
    const restock = JSON.stringify(request.restock);
    await tx.query(BEGIN_REFUND, [request.key, id, amount, request.reason, request.actor, restock]);
    return { key: request.key, paymentId: id, kind: "refund", amount, reason: request.reason };
  });
}

function toOperation({ key, payment_id, kind, amount, reason, attempts }: OperationRow): OpenOperation {
  return { key, paymentId: payment_id, kind, amount, reason: reason ?? undefined, attempts };
}
