import type { Database } from "@kontor/postgres";
import { statement } from "../gen/statements.ts";
import type { ShipmentChecks } from "../ports.ts";
import { COLUMNS } from "./shipment-list.ts";
import { shipmentOf } from "./shipment-store.ts";

// The longer nothing happened, the rarer the queries. A row that an older pod has ended is only taken off the list.
const CLAIM_DUE = statement(
  "shipments.claim-due",
  `UPDATE shipments SET check_at = CASE WHEN status NOT IN ('delivered', 'cancelled') THEN
    now() + greatest($2 * interval '1 ms', least((now() - updated_at) / 2, interval '1 hour')) END
  WHERE order_id IN (
    SELECT order_id FROM shipments WHERE check_at <= now() ORDER BY check_at LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING ${COLUMNS}`,
);

const RECORD = statement(
  "shipments.record-check",
  `UPDATE shipments
  SET unanswered_since = CASE WHEN $2 = 'unanswered' THEN coalesce(unanswered_since, now()) END,
    forgotten_since = CASE WHEN $2 = 'forgotten' THEN coalesce(forgotten_since, now())
      WHEN $2 = 'unanswered' THEN forgotten_since END
  WHERE order_id = $1 AND status NOT IN ('delivered', 'cancelled')
    AND ($2 <> 'known' OR unanswered_since IS NOT NULL OR forgotten_since IS NOT NULL)`,
);

/** The checks in PostgreSQL. */
export function createShipmentChecks(
  db: Database,
  { checkAfterMs }: { readonly checkAfterMs: number },
): ShipmentChecks {
  return {
    async claimDue(limit) {
      const rows = await db.query(CLAIM_DUE, [limit, checkAfterMs]);
      return rows.map(shipmentOf).filter(({ status }) => status !== "delivered" && status !== "cancelled");
    },
    async record(orderId, found) {
      await db.query(RECORD, [orderId, found]);
    },
  };
}
