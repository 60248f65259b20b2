import type { Sql } from "@kontor/postgres";
import { gauge } from "@kontor/telemetry";
import { statement } from "../gen/statements.ts";

const OPEN = ["pending", "booked", "picked_up", "in_transit"] as const;

// One index lookup for each status.
const OLDEST = statement(
  "shipments.oldest",
  OPEN.map(
    (status) => `SELECT '${status}' AS status, coalesce(extract(epoch FROM now() - min(updated_at)), 0)::float8 AS value
    FROM shipments WHERE status = '${status}' AND status NOT IN ('delivered', 'cancelled')`,
  ).join(" UNION ALL "),
  { prepared: false, columns: { status: "not null", value: "not null" } },
);

const TROUBLE = statement(
  "shipments.trouble",
  `SELECT count(forgotten_since)::int AS forgotten,
    coalesce(extract(epoch FROM now() - min(unanswered_since)), 0)::float8 AS unanswered
  FROM shipments WHERE (unanswered_since IS NOT NULL OR forgotten_since IS NOT NULL)
    AND status NOT IN ('delivered', 'cancelled')`,
  { prepared: false },
);

/** Exposes the open work at the carrier. Read at each scrape; while the database is unreachable the last values remain. */
export function exposeShipments(db: Sql): void {
  const oldestHelp = "Time since the shipment that has been in this status the longest reached it.";
  gauge("kontor_shipping_oldest_open_seconds", oldestHelp, ["status"], async (to) => {
    const rows = await db.query(OLDEST).catch(() => []);
    for (const { status, value } of rows) to.set({ status }, value);
  });
  const trouble = async () => (await db.query(TROUBLE).catch(() => []))[0];
  const forgottenHelp = "Open shipments that the carrier does not know although it booked them.";
  gauge("kontor_shipping_forgotten_shipments", forgottenHelp, [], async (to) => {
    const row = await trouble();
    if (row) to.set(row.forgotten);
  });
  const unansweredHelp = "Time for which the carrier has not responded to a query about an open shipment.";
  gauge("kontor_shipping_carrier_unanswered_seconds", unansweredHelp, [], async (to) => {
    const row = await trouble();
    if (row) to.set(row.unanswered);
  });
}
