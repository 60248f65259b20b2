import { randomUUIDv7 } from "node:crypto";
import { blocked, createBatch } from "@kontor/batch";
import { isKontorError } from "@kontor/errors";
import { failpoint } from "@kontor/failpoint";
import { appendEventsOf, appendedValues, type OutgoingEvent, outbox } from "@kontor/messaging";
import { behindLock, type Database, postgresErrors, type RowOf, type Tx } from "@kontor/postgres";
import { authorisationKey } from "../domain/operation.ts";
import type { Booking, NewPayment, Payment } from "../domain/payment.ts";
import { statement } from "../gen/statements.ts";
import type { ProviderEvent } from "../ports.ts";
import { COLUMNS } from "./payment-row.ts";

/** A payment's new state, and the effects that are stored with it if the row still has the expected version. */
export interface Write {
  readonly payment: Payment;
  readonly events: readonly OutgoingEvent[];
  readonly booking: Booking | undefined;
  /** The key of the operation that the change is the outcome of. */
  readonly operation: string | undefined;
  readonly webhook: ProviderEvent | undefined;
}

/** `overtaken`: the payment has changed since it was read. `received before`: the webhook is not new. Neither stores anything. */
export type Outcome = "saved" | "overtaken" | "received before";

interface Opening {
  readonly payment: NewPayment;
  readonly at: Date;
}

// Of two payments for one order the first is stored, as in sequence.
const OPEN = statement(
  "payments.open",
  `WITH opened AS (
    INSERT INTO payments (order_id, user_id, status, method, amount, currency, created_at, updated_at)
    SELECT order_id, user_id, 'pending', method, amount, currency, opened_at, opened_at
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[]) WITH ORDINALITY
      AS opening (order_id, user_id, method, amount, currency, opened_at, place)
    ORDER BY order_id, place
    ON CONFLICT (order_id) DO NOTHING
    RETURNING ${COLUMNS}
  ), started AS (
    INSERT INTO operations (key, payment_id, kind, amount)
    SELECT key, id, 'authorise', amount FROM opened JOIN unnest($1::text[], $7::text[]) AS keyed (order_id, key) USING (order_id)
    ON CONFLICT DO NOTHING
  )
  SELECT * FROM opened`,
);

// Two changes of one payment never share a flight: the second one is overtaken. An operation whose effect the payment shows is settled,
// from any source of the report. The lock excludes changes only, not the rows that refer to the payment.
const SAVE = statement(
  "payments.save-all",
  `WITH change AS MATERIALIZED (
    SELECT * FROM unnest($7::uuid[], $8::int[], $9::text[], $10::bigint[], $11::bigint[], $12::text[], $13::text[], $14::text[],
      $15::timestamptz[], $16::text[], $17::text[], $18::text[], $19::text[],
      $20::uuid[], $21::text[], $22::text[], $23::text[], $24::text[], $25::bigint[], $26::text[], $27::text[]) WITH ORDINALITY
      AS change (id, version, status, captured, refunded, decline_code, action_url, provider_reference, updated_at, operation, provider,
        webhook_id, webhook_type, booking_id, booking_key, booking_kind, debit, credit, booked_amount, actor, reason, place)
  ), locked AS MATERIALIZED (
    SELECT id, version, currency FROM payments WHERE id = ANY ($7) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
  ), current AS MATERIALIZED (
    SELECT DISTINCT ON (change.id) change.*, currency FROM change JOIN locked USING (id)
    WHERE locked.version = change.version ORDER BY change.id, place
  ), received AS (
    INSERT INTO webhook_events (provider, id, type, payment_id)
    SELECT provider, webhook_id, webhook_type, id FROM current WHERE webhook_id IS NOT NULL ORDER BY provider, webhook_id
    ON CONFLICT DO NOTHING RETURNING provider, id AS webhook_id
  ), fresh AS MATERIALIZED (
    SELECT * FROM current WHERE webhook_id IS NULL OR (provider, webhook_id) IN (SELECT provider, webhook_id FROM received)
  ), saved AS (
    UPDATE payments
    SET version = payments.version + 1, status = fresh.status, captured = fresh.captured, refunded = fresh.refunded,
      decline_code = fresh.decline_code, action_url = fresh.action_url, provider_reference = fresh.provider_reference,
      updated_at = fresh.updated_at,
      check_at = CASE WHEN fresh.status IN ('pending', 'requires_action') THEN now() + interval '5 seconds' END
    FROM fresh WHERE payments.id = fresh.id
  ), settled AS (
    UPDATE operations SET state = 'settled', settled_at = now() FROM fresh
    WHERE payment_id = fresh.id AND state = 'started'
      AND (key = operation OR kind = 'authorise' AND provider_reference IS NOT NULL OR kind = 'capture' AND captured > 0)
  ), booked AS (
    INSERT INTO ledger_transactions (id, payment_id, kind, key, actor, reason)
    SELECT booking_id, id, booking_kind, booking_key, actor, reason FROM fresh WHERE booking_id IS NOT NULL ORDER BY booking_key
  ), entries AS (
    INSERT INTO ledger_entries (transaction_id, account, amount, currency)
    SELECT booking_id, account, entry.amount, currency
    FROM fresh CROSS JOIN LATERAL (VALUES (debit, booked_amount), (credit, -booked_amount)) AS entry (account, amount)
    WHERE booking_id IS NOT NULL
  ), appended AS (${appendEventsOf("fresh")})
  SELECT locked.id IS NULL AS blocked, current.place IS NULL AS overtaken, fresh.place IS NULL AS known
  FROM change LEFT JOIN locked USING (id) LEFT JOIN current USING (place) LEFT JOIN fresh USING (place) ORDER BY change.place`,
  { columns: { blocked: "not null", overtaken: "not null", known: "not null" } },
);
const LOCK = statement("payments.lock", "SELECT FROM payments WHERE id = $1 FOR NO KEY UPDATE");

/** Two flights: one is prepared while the other waits for the disk. */
const MAX_FLIGHTS = 2;

/** Creates the writes of payments. Concurrent calls share a statement; each has its own result. */
export function createPaymentWrites(db: Database) {
  const open = createBatch<Opening, RowOf<typeof OPEN> | undefined>({
    name: "payments.open",
    maxFlights: MAX_FLIGHTS,
    async run(openings) {
      const opened = new Map((await db.query(OPEN, columnsOfOpenings(openings))).map((row) => [row.order_id, row]));
      failpoint("payments.opened", db.service);
      return openings.map(({ payment: { orderId } }) => {
        const row = opened.get(orderId);
        opened.delete(orderId); // Only one of several requests the authorisation.
        return row;
      });
    },
  });

  // One flight at a time: a response of the provider and its webhook come together, and two flights would lock one payment.
  const save = createBatch<Write, Outcome>({
    name: "payments.save",
    async run(writes, { waitFor }) {
      const values = [...appendedValues(writes.map(({ events }) => events)), ...columnsOfWrites(writes)] as const;
      const lock = waitFor === undefined ? undefined : (tx: Tx) => tx.query(LOCK, [waitFor]);
      const rows = await behindLock(db, lock, (sql) => sql.query(SAVE, values));
      if (rows.some(({ known }, index) => !known && writes[index]?.events.length !== 0)) outbox.wake();
      failpoint("payments.saved", db.service);
      return rows.map((row, index) => {
        const id = writes[index]?.payment.id ?? "";
        if (!row.blocked) return row.overtaken ? "overtaken" : row.known ? "received before" : "saved";
        if (waitFor !== undefined) throw new Error(`Payment ${id} has vanished.`);
        return blocked(id);
      });
    },
    splits: (error) =>
      !isKontorError(error, postgresErrors.LOCK_TIMEOUT.reason) &&
      !(isKontorError(error) && error.code === "UNAVAILABLE"),
  });

  return { open, save };
}

function columnsOfOpenings(openings: readonly Opening[]) {
  const of = <T>(pick: (payment: NewPayment) => T) => openings.map(({ payment }) => pick(payment));
  return [
    of(({ orderId }) => orderId),
    of(({ userId }) => userId),
    of(({ method }) => method),
    of(({ amount }) => amount),
    of(({ currency }) => currency),
    openings.map(({ at }) => at),
    of(({ orderId }) => authorisationKey(orderId)),
  ] as const;
}

function columnsOfWrites(writes: readonly Write[]) {
  const of = <T>(pick: (payment: Payment) => T) => writes.map(({ payment }) => pick(payment));
  const ofBooking = <T>(pick: (booking: Booking) => T) => writes.map(({ booking }) => (booking ? pick(booking) : null));
  return [
    of(({ id }) => id),
    of(({ version }) => version),
    of(({ status }) => status),
    of(({ captured }) => captured),
    of(({ refunded }) => refunded),
    of(({ declineCode }) => declineCode ?? null),
    of(({ actionUrl }) => actionUrl ?? null),
    of(({ providerReference }) => providerReference ?? null),
    of(({ updatedAt }) => updatedAt),
    writes.map(({ operation }) => operation ?? null),
    writes.map(({ webhook }) => webhook?.provider ?? null),
    writes.map(({ webhook }) => webhook?.id ?? null),
    writes.map(({ webhook }) => webhook?.type ?? null),
    ofBooking(() => randomUUIDv7()),
    ofBooking(({ key }) => key),
    ofBooking(({ kind }) => kind),
    ofBooking(({ debit }) => debit),
    ofBooking(({ credit }) => credit),
    ofBooking(({ amount }) => amount),
    ofBooking(({ actor }) => actor),
    ofBooking(({ reason }) => reason),
  ] as const;
}
