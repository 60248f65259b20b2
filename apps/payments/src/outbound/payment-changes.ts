import { outbox } from "@kontor/messaging";
import type { Database, Sql, Tx } from "@kontor/postgres";
import { toMessage } from "../contract/payment-events.ts";
import { withRefundParts } from "../domain/ledger.ts";
import { voidOf } from "../domain/operation.ts";
import type { Change, Payment } from "../domain/payment.ts";
import { refundParts } from "../domain/refund-parts.ts";
import { statement } from "../gen/statements.ts";
import type { Cause, ProviderEvent } from "../ports.ts";
import { book } from "./ledger-store.ts";
import type { createPaymentWrites, Outcome } from "./payment-writes.ts";
import { createReceiveWebhook, insertWebhook } from "./webhook-store.ts";

// An operation whose effect the payment shows is settled, from any source of the report.
const SAVE = statement(
  "payments.save",
  `WITH saved AS (
    UPDATE payments
    SET version = version + 1, status = $3, captured = $4, refunded = $5, decline_code = $6, action_url = $7,
      provider_reference = $8, updated_at = $9,
      check_at = CASE WHEN $3 IN ('pending', 'requires_action') THEN now() + interval '5 seconds' END
    WHERE id = $1 AND version = $2
    RETURNING version
  ), settled AS (
    UPDATE operations SET state = 'settled', settled_at = now() FROM saved
    WHERE payment_id = $1 AND state = 'started'
      AND (key = $10 OR kind = 'authorise' AND $8::text IS NOT NULL OR kind = 'capture' AND $4::bigint > 0)
  )
  SELECT version FROM saved`,
);

const SETTLE = statement(
  "operations.settle",
  "UPDATE operations SET state = 'settled', settled_at = now() WHERE key = $1 AND state = 'started'",
);

// Refunds that the ledger has not got yet. The one that caused the change comes first.
const REQUESTED_REFUNDS = statement(
  "payments.requested-refunds",
  `SELECT key, amount, coalesce(actor, 'service:orders') AS actor, coalesce(reason, '') AS reason,
    coalesce(restock, '[]') AS restock
  FROM operations
  WHERE payment_id = $1 AND kind = 'refund' AND booked_at IS NULL AND (state = 'started' OR key = $2)
  ORDER BY key = $2 DESC NULLS LAST, created_at, key`,
  {
    prepared: false,
    columns: { restock: 'readonly import("../domain/refund-parts.ts").RestockedItem[]' },
  },
);

const MARK_BOOKED = statement("payments.mark-booked", "UPDATE operations SET booked_at = now() WHERE key = ANY ($1)", {
  prepared: false,
});

const LIFT_HOLD = statement(
  "payments.lift-hold",
  `INSERT INTO operations (key, payment_id, kind, amount, next_attempt_at) VALUES ($1, $2, $3, $4, now())
  ON CONFLICT DO NOTHING`,
  { prepared: false },
);

/** The reason why a transaction was abandoned: the payment is newer, or the webhook was received before. */
type Obstacle = Exclude<Outcome, "saved">;

class GivenUp extends Error {
  readonly obstacle: Obstacle;
  constructor(obstacle: Obstacle) {
    super(obstacle);
    this.obstacle = obstacle;
  }
}

/** Creates the function that stores a change. Changes share a statement unless a refund must be attributed, or a hold released. */
export function createSaveChange(db: Database, writes: Pick<ReturnType<typeof createPaymentWrites>, "save">) {
  return async (change: Change, cause?: Cause): Promise<Payment | Obstacle> => {
    const { payment, events, bookings, liftHold } = change;
    if (liftHold || bookings.length > 1 || events.some(({ type }) => type === "refunded"))
      return saveAlone(db, change, cause);
    const after = { ...payment, version: payment.version + 1 };
    const outcome = await writes.save({
      payment,
      events: events.map((event) => toMessage(after, event)),
      booking: bookings[0],
      operation: cause && "operation" in cause ? cause.operation : undefined,
      webhook: cause && "webhook" in cause ? cause.webhook : undefined,
    });
    return outcome === "saved" ? after : outcome;
  };
}

async function saveAlone(db: Database, change: Change, cause?: Cause): Promise<Payment | Obstacle> {
  try {
    return await db.transaction((tx) => save(tx, change, cause));
  } catch (error) {
    if (error instanceof GivenUp) return error.obstacle;
    throw error;
  }
}

/** Creates the function that records a cause without a change: the operation is settled, the webhook is received. */
export function createRecordUnchanged(sql: Sql) {
  const receive = createReceiveWebhook(sql);
  return async (payment: Payment, cause?: Cause): Promise<void> => {
    if (cause && "operation" in cause) await sql.query(SETTLE, [cause.operation]);
    if (cause && "webhook" in cause) await receive({ event: cause.webhook, paymentId: payment.id });
  };
}

/**
 * All statements are sent together, except for refunds, whose origin is read under the lock of the payment. If the UPDATE finds no row of
 * this version, all are rolled back.
 */
async function save(tx: Tx, change: Change, cause?: Cause): Promise<Payment> {
  const { payment } = change;
  const operation = cause && "operation" in cause ? cause.operation : null;
  const after = { ...payment, version: payment.version + 1 };
  const saving = tx.query(SAVE, [...columns(payment), operation]);
  const refund = change.events.find((event) => event.type === "refunded");
  if (refund && (await saving).length === 0) throw new GivenUp("overtaken");
  const { events, bookings, liftHold } = refund ? await attributed(tx, change, refund.amount, operation) : change;
  const rest = Promise.all([
    cause && "webhook" in cause && heardFirst(tx, cause.webhook, payment.id),
    ...bookings.map((booking) => book(tx, after, booking)),
    liftHold && insertOperation(tx, after),
    outbox.append(
      tx,
      events.map((event) => toMessage(after, event)),
    ),
  ]);
  rest.catch(() => undefined); // Handled below, unless the UPDATE changed nothing.
  if ((await saving).length === 0) throw new GivenUp("overtaken");
  await rest;
  return after;
}

async function attributed(tx: Tx, change: Change, amount: bigint, operation: string | null): Promise<Change> {
  const requested = await tx.query(REQUESTED_REFUNDS, [change.payment.id, operation]);
  const parts = refundParts(amount, requested);
  await tx.query(MARK_BOOKED, [parts.flatMap(({ key }) => key ?? [])]);
  return withRefundParts(change, parts);
}

async function heardFirst(tx: Tx, webhook: ProviderEvent, paymentId: string): Promise<void> {
  if (!(await insertWebhook(tx, webhook, paymentId))) throw new GivenUp("received before");
}

async function insertOperation(tx: Tx, payment: Payment): Promise<void> {
  const { key, paymentId, kind, amount } = voidOf(payment);
  await tx.query(LIFT_HOLD, [key, paymentId, kind, amount]);
}

function columns(payment: Payment) {
  return [
    payment.id,
    payment.version,
    payment.status,
    payment.captured,
    payment.refunded,
    payment.declineCode ?? null,
    payment.actionUrl ?? null,
    payment.providerReference ?? null,
    payment.updatedAt,
  ] as const;
}
